// Without it, an ID with `/` or `?` goes to another path.
module.exports = {
  hooks: { onInsertPathParam: (name) => `encodeURIComponent(${name})` },
};
