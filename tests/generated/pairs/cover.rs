//! A covering array, greedily: few rows that together hold every possible pair.

use std::collections::BTreeSet;

use super::levels::Place;

/// Rows over factors with these levels; a row holds no pair that is not `possible`.
pub fn rows(levels: &[Vec<usize>], possible: impl Fn(Place, Place) -> bool) -> Vec<Vec<usize>> {
    let mut wanted = BTreeSet::new();
    for first in 0..levels.len() {
        for second in first + 1..levels.len() {
            for a in levels[first].iter().map(|level| Place(first, *level)) {
                for b in levels[second].iter().map(|level| Place(second, *level)) {
                    if possible(a, b) {
                        wanted.insert((a, b));
                    }
                }
            }
        }
    }
    let mut rows = Vec::new();
    while let Some((a, b)) = wanted.first().copied() {
        let mut row = vec![a, b];
        if fill(levels, &possible, &wanted, &mut row) {
            row.sort();
            for (at, one) in row.iter().enumerate() {
                for other in &row[at + 1..] {
                    wanted.remove(&(*one, *other));
                }
            }
            rows.push(row.iter().map(|place| place.1).collect());
        }
        // A pair that no row can hold is found missing by who counts.
        wanted.remove(&(a, b));
    }
    rows
}

/// Chooses a level for each factor that has none, those first that hold most wanted pairs.
fn fill(
    levels: &[Vec<usize>],
    possible: &impl Fn(Place, Place) -> bool,
    wanted: &BTreeSet<(Place, Place)>,
    row: &mut Vec<Place>,
) -> bool {
    let Some(factor) = (0..levels.len()).find(|it| row.iter().all(|place| place.0 != *it)) else {
        return true;
    };
    let mut fitting: Vec<(usize, Place)> = levels[factor]
        .iter()
        .map(|level| Place(factor, *level))
        .filter(|place| row.iter().all(|other| fits(possible, *place, *other)))
        .map(|place| {
            let new = row
                .iter()
                .filter(|other| wanted.contains(&ordered(place, **other)));
            (new.count(), place)
        })
        .collect();
    fitting.sort_by_key(|(new, place)| (std::cmp::Reverse(*new), *place));
    for (_, place) in fitting {
        row.push(place);
        if fill(levels, possible, wanted, row) {
            return true;
        }
        row.pop();
    }
    false
}

fn ordered(a: Place, b: Place) -> (Place, Place) {
    (a.min(b), a.max(b))
}

fn fits(possible: &impl Fn(Place, Place) -> bool, a: Place, b: Place) -> bool {
    let (a, b) = ordered(a, b);
    possible(a, b)
}
