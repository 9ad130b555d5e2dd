create or replace view cbir.slices as
  select
    slice.item_id,
    item.dataset,
    patient.split,
    patient.pseudonym as patient,
    plan.source_key as plan,
    slice.index,
    slice.position_mm,
    slice.dose_mean_gy,
    slice.dose_max_gy,
    plan.prescription_gy
  from cbir.slice
    join cbir.item on item.id = slice.item_id
    join cbir.plan on plan.id = slice.plan_id
    join cbir.patient on patient.id = plan.patient_id;

comment on view cbir.slices is 'Slices with the plan and patient they belong to, without the images.';
