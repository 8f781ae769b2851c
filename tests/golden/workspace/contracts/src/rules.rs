//! What is checked in messages before a handler sees them. Generated from the drawing, do not edit.

use platform::Fields;
use platform::Validate;

impl Validate for crate::Note {
    fn validate(&self, fields: &mut Fields) {
        fields.field("text", |fields| {
            let it = &self.text;
            fields.length(it, 1, Some(500));
        });
        fields.field("mood", |fields| {
            let it = &self.mood;
            if let Some(it) = it {
                it.validate(fields);
            }
        });
    }
}

impl Validate for crate::front::NotesFindRequest {
    fn validate(&self, _: &mut Fields) {}
}

impl Validate for crate::archive::ArchiveFindRequest {
    fn validate(&self, _: &mut Fields) {}
}

impl Validate for crate::Mood {
    fn validate(&self, fields: &mut Fields) {
        if let Self::Unknown(_) = self {
            fields.fail("must be one of bright, dark");
        }
    }
}
