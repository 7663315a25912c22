//! What stands beside a passage in other articles about its medicine: what contradicts it, and what
//! says the same. Found for a medicine when it is first asked for, and taken over from one
//! generation to the next while its articles stay as they are.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::{Conflict, Conflicts, Twins};
use crate::id::DrugId;
use crate::knowledge::{Article, Knowledge};

/// A place: article and passage.
type Place = (usize, usize);

/// Conflicts and twins of a knowledge base, by drug.
#[derive(Debug)]
pub struct Beside(FxHashMap<DrugId, OnceLock<Arc<OfDrug>>>);

#[derive(Debug)]
struct OfDrug {
    conflicts: Conflicts,
    twins: Twins,
}

impl OfDrug {
    fn find(drug: &DrugId, knowledge: &Knowledge) -> Self {
        let conflicts = Conflicts::about(drug, knowledge);
        Self { conflicts, twins: Twins::about(drug, knowledge) }
    }
}

impl Beside {
    /// Knows nothing yet.
    pub fn new(knowledge: &Knowledge) -> Self {
        Self(knowledge.drugs.iter().map(|drug| (drug.id.clone(), OnceLock::new())).collect())
    }

    /// Takes over what `earlier`, of an earlier state of the knowledge base, has found about drugs
    /// whose names and articles are the same.
    pub fn after(knowledge: &Knowledge, (before, earlier): (&Knowledge, &Self)) -> Self {
        let taken_over = |drug: &DrugId| {
            let found = earlier.0.get(drug)?.get()?;
            let same_names = before.drug(drug) == knowledge.drug(drug);
            let places = same_names.then(|| places(drug, before, knowledge)).flatten()?;
            if places.iter().all(|(old, new)| old == new) {
                return Some(found.clone());
            }
            let place_of = |old: usize| places.get(&old).copied().unwrap_or(old);
            let (conflicts, twins) = (found.conflicts.moved(place_of), found.twins.moved(place_of));
            Some(Arc::new(OfDrug { conflicts, twins }))
        };
        let cell = |drug: &DrugId| taken_over(drug).map_or_else(OnceLock::new, OnceLock::from);
        Self(knowledge.drugs.iter().map(|drug| (drug.id.clone(), cell(&drug.id))).collect())
    }

    /// Finds what has not been asked for yet, while `goes_on`.
    pub fn complete(&self, knowledge: &Knowledge, goes_on: impl Fn() -> bool) {
        for drug in self.0.keys().take_while(|_| goes_on()) {
            self.of(Some(drug), knowledge);
        }
    }

    /// Returns about how many drugs it knows.
    #[cfg(test)]
    pub fn known(&self) -> usize {
        self.0.values().filter(|found| found.get().is_some()).count()
    }

    /// Returns the conflicts that a passage takes part in.
    pub fn conflicts(
        &self,
        place: Place,
        knowledge: &Knowledge,
    ) -> impl Iterator<Item = &Conflict> {
        let found = self.of(knowledge.articles[place.0].drug.as_ref(), knowledge);
        found.into_iter().flat_map(move |found| found.conflicts.of(place.0, place.1))
    }

    /// Returns the passages of other articles that say the same.
    pub fn twins(&self, place: Place, knowledge: &Knowledge) -> &[Place] {
        let found = self.of(knowledge.articles[place.0].drug.as_ref(), knowledge);
        found.map_or(&[], |found| found.twins.of(place.0, place.1))
    }

    fn of(&self, drug: Option<&DrugId>, knowledge: &Knowledge) -> Option<&OfDrug> {
        let (drug, cell) = self.0.get_key_value(drug?)?;
        Some(cell.get_or_init(|| Arc::new(OfDrug::find(drug, knowledge))))
    }
}

/// Returns where the articles about a drug stood and stand, when they are the same.
fn places(drug: &DrugId, before: &Knowledge, after: &Knowledge) -> Option<FxHashMap<usize, usize>> {
    let is_same = |old: &Article, new: &Article| std::ptr::eq(old, new) || old == new;
    let mut places = FxHashMap::default();
    let mut old = before.articles_about(drug);
    for (new_place, new) in after.articles_about(drug) {
        let (old_place, _) = old.next().filter(|(_, old)| is_same(old, new))?;
        places.insert(old_place, new_place);
    }
    old.next().is_none().then_some(places)
}
