//! The people of a staff list on their way into the form: of a list that is typed or sent as a whole, and of one that comes in
//! parts. Pure.

use super::model::{Form, StaffRow};
use crate::error::FieldError;
use crate::import::Step;
use std::collections::HashSet;

/// Takes the people of a list that was read ([`parse`](super::staff::parse)). An enterprise names everybody who returns; an individual
/// business may leave the list empty.
///
/// # Errors
/// `staff-count` when the list and the headcount differ.
pub fn staff_list(form: &mut Form, rows: Vec<StaffRow>) -> Result<(), Vec<FieldError>> {
    let expected = usize::try_from(form.returning.unwrap_or(0)).unwrap_or(usize::MAX);
    let may_be_empty = !form.enterprise() && rows.is_empty();
    if rows.len() != expected && !may_be_empty {
        let error =
            FieldError::new("staff", "staff-count").with("count", rows.len()).with("expected", expected);
        return Err(vec![error]);
    }
    (form.staff, form.staff_done) = (rows, true);
    Ok(())
}

/// Takes some people of a list that is sent as a table. Whoever is on the list already, by the document, is there once, as
/// the newer list has them. A list that is sent as a whole names everybody who returns, like one that is typed; one that
/// comes in parts is done when it does.
///
/// # Errors
/// `staff-count` of a whole list, `staff-too-many` of more than `most` people.
pub fn staff_part(
    form: &mut Form,
    rows: Vec<StaffRow>,
    step: &Step,
    most: usize,
) -> Result<(), Vec<FieldError>> {
    if step.whole && !step.adding {
        return staff_list(form, rows);
    }
    let mut list = if step.first && !step.adding { Vec::new() } else { form.staff.clone() };
    let of = |row: &StaffRow| (row.document_kind.clone(), row.document.clone());
    let new: HashSet<(String, String)> = rows.iter().map(of).collect();
    list.retain(|row| !new.contains(&of(row)));
    list.extend(rows);
    if list.len() > most {
        return Err(vec![FieldError::new("staff", "staff-too-many").with("max", most)]);
    }
    form.staff_done = form.returning.and_then(|n| usize::try_from(n).ok()) == Some(list.len());
    form.staff = list;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reopening::staff;
    use chrono::NaiveDate;

    #[test]
    fn a_list_that_comes_in_parts_is_done_when_it_names_everybody() {
        let day = NaiveDate::from_ymd_opt(2020, 3, 12).unwrap();
        let rows = |text: &str| staff::parse(text, day, 10).unwrap();
        let step = Step {
            subject: crate::db::Id::new(),
            by: crate::db::Id::new(),
            first: true,
            whole: false,
            adding: false,
            now: "2020-03-12T00:00:00Z".parse().unwrap(),
        };
        let mut form = Form { returning: Some(2), staff: rows("王五,E1234567"), ..Form::new("enterprise") };
        staff_part(&mut form, rows("张三,360426199101010071"), &step, 2).unwrap();
        assert_eq!((form.staff.len(), form.staff_done), (1, false), "it takes the place of the one before");
        let more = Step { first: false, ..step };
        staff_part(&mut form, rows("李四,11010519491231002X"), &more, 2).unwrap();
        assert_eq!((form.staff.len(), form.staff_done), (2, true));
        let added = Step { adding: true, ..step };
        staff_part(&mut form, rows("李思,11010519491231002X"), &added, 2).unwrap();
        assert_eq!((form.staff[1].name.as_str(), form.staff.len()), ("李思", 2), "nobody is there twice");
        let full = staff_part(&mut form, rows("王五,E1234567"), &added, 2).unwrap_err();
        assert_eq!((full[0].code.as_str(), form.staff.len()), ("staff-too-many", 2));
    }
}
