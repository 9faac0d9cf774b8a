//! Questions that lead to one another, and how they are answered together.

use std::collections::{HashMap, VecDeque};

use super::Mode;
use crate::node::TRUE;
use crate::schema::Known;
use crate::schema::shape::{Conjunction, Key};

pub(in crate::schema) type Question = (Key, Key, Mode);

/// Questions that lead to one another, while they are being answered.
#[derive(Debug, Default)]
pub(in crate::schema) struct Open<'a> {
    questions: Vec<OpenQuestion<'a>>,
    indices: HashMap<Question, usize>,
    /// Those that are to be looked at, once more if one was refuted that they rest on.
    unread: VecDeque<usize>,
    asking: Option<usize>,
}

#[derive(Debug)]
pub(super) struct OpenQuestion<'a> {
    sent: Conjunction<'a>,
    read: Conjunction<'a>,
    mode: Mode,
    /// The questions whose answers rest on this one.
    asked_by: Vec<usize>,
    is_unread: bool,
    is_refuted: bool,
}

impl<'a> Open<'a> {
    pub(super) fn index(&mut self, question: Question, sent: &Conjunction<'a>, read: &Conjunction<'a>) -> usize {
        let mode = question.2;
        let index = *self.indices.entry(question).or_insert(self.questions.len());
        if index == self.questions.len() {
            let (sent, read, asked_by) = (sent.clone(), read.clone(), Vec::new());
            self.questions.push(OpenQuestion { sent, read, mode, asked_by, is_unread: true, is_refuted: false });
            self.unread.push_back(index);
        }
        index
    }

    pub(super) fn refute(&mut self, index: usize) {
        let Some(open) = self.questions.get_mut(index) else { return };
        open.is_refuted = true;
        for asking in std::mem::take(&mut open.asked_by) {
            if let Some(open) = self.questions.get_mut(asking)
                && !open.is_refuted
                && !std::mem::replace(&mut open.is_unread, true)
            {
                self.unread.push_back(asking);
            }
        }
    }
}

impl<'a> Known<'a> {
    /// While a question is being answered, one that it leads to is noted, and taken to be true until it is refuted.
    pub(super) fn within(&mut self, sent: &Conjunction<'a>, read: &Conjunction<'a>, mode: Mode) -> bool {
        if sent.is_same(read) || read.nodes().iter().all(|node| *node.value == TRUE) && mode == Mode::Values {
            return true;
        }
        if let ([sent], [read]) = (sent.nodes(), read.nodes())
            && !std::ptr::eq(sent.root, read.root)
        {
            let (old, new) = if mode.is_from_old() { (sent, read) } else { (read, sent) };
            if self.is_same(old, new) {
                return true;
            }
        }
        if !self.budget.spend(1) {
            return false;
        }
        let question = (sent.key(), read.key(), mode);
        if let Some(answer) = self.answers.get(&question) {
            return *answer;
        }
        let Some(asking) = self.open.asking else { return self.answered(&question, sent, read) };
        let index = self.open.index(question, sent, read);
        let Some(open) = self.open.questions.get_mut(index) else { return false };
        if open.is_refuted {
            return false;
        }
        if open.asked_by.last() != Some(&asking) {
            open.asked_by.push(asking);
        }
        true
    }

    /// Answers a question and all that it leads to: none holds that was refuted, or that rests on one that was. Schemas may
    /// refer to themselves, so what is never refuted holds.
    pub(super) fn answered(&mut self, question: &Question, sent: &Conjunction<'a>, read: &Conjunction<'a>) -> bool {
        self.open.index(question.clone(), sent, read);
        // The first one first, since what it leads to is still known then.
        while let Some(index) = self.open.unread.pop_front() {
            if !self.budget.spend(1) {
                break;
            }
            let Some(open) = self.open.questions.get_mut(index) else { continue };
            open.is_unread = false;
            if open.is_refuted {
                continue;
            }
            let (sent, read, mode) = (open.sent.clone(), open.read.clone(), open.mode);
            self.make_room();
            let (sent, read) = (self.shapes(&sent), self.shapes(&read));
            self.open.asking = Some(index);
            let holds = sent.iter().all(|shape| self.shape_within_any(shape, &read, mode, 0));
            self.open.asking = None;
            if !holds && !self.budget.is_spent() {
                self.open.refute(index);
            }
        }
        let is_decided = !self.budget.is_spent();
        for (question, index) in self.open.indices.drain() {
            let is_refuted = self.open.questions.get(index).is_none_or(|open| open.is_refuted);
            // What was not looked at to the end is neither true nor false, and may be asked again.
            if is_refuted || is_decided {
                self.answers.insert(question, !is_refuted);
            }
        }
        self.open.questions.clear();
        self.open.unread.clear();
        self.answers.get(question).copied().unwrap_or(false)
    }
}
