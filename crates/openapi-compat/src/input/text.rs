//! Bytes as text.

/// The text without its byte order mark, or what is wrong and after which part of the bytes.
pub(super) fn decode(mut bytes: Vec<u8>) -> Result<String, (String, Vec<u8>)> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    let start = (bytes.first().copied(), bytes.get(1).copied());
    if matches!(start, (Some(0xFF), Some(0xFE)) | (Some(0xFE), Some(0xFF)) | (Some(0), _) | (_, Some(0))) {
        return Err(("is in UTF-16 or UTF-32; save it as UTF-8".to_owned(), Vec::new()));
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        let byte = bytes.get(valid).copied().unwrap_or_default();
        bytes.truncate(valid);
        (format!("is not in UTF-8: the byte 0x{byte:02X} is none of it; Latin-1 and Windows-1252 are not read"), bytes)
    })
}
