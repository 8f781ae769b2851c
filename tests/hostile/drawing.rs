//! One drawing twice: with benign and with hostile names and texts.

/// A drawing in which every name and every text is a word in brackets: `<benign|hostile>`. The benign one sorts like the
/// hostile one, for names decide the order of some things.
pub const DRAWING: &str = include_str!("drawing.txt");

/// One of the two drawings.
pub fn drawing(hostile: bool) -> String {
    let mut text = String::new();
    for (at, part) in DRAWING.split(['⟨', '⟩']).enumerate() {
        match part.split_once('¦') {
            Some((benign, evil)) if at % 2 == 1 => {
                text.push_str(if hostile { evil } else { benign })
            }
            _ => text.push_str(part),
        }
    }
    text
}
