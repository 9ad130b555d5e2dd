create or replace view cbir.slices with (security_invoker = true) as
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
    plan.prescription_gy,
    slice.plan_id
  from cbir.slice
    join cbir.item on item.id = slice.item_id
    join cbir.plan on plan.id = slice.plan_id
    join cbir.patient on patient.id = plan.patient_id;

comment on view cbir.slices is 'Slices with the plan and patient they belong to, without the images. More of the plan: join cbir.plans using (plan_id).';

create or replace view cbir._member with (security_invoker = true) as
  select slice.item_id, slice.plan_id, slice.index, slice.position_mm, slice.dose_mean_gy
  from cbir.slice
  union all
  -- A plan that is itself an item stands for all of its slices.
  select plan_item.item_id, plan_item.plan_id, 0, 0, 1
  from cbir.plan_item;

comment on view cbir._member is 'Items with the plan that they belong to: slices, and plans as a whole.';

-- As subqueries of the select list, these columns cost nothing unless a query reads them.
create or replace view cbir.plans with (security_invoker = true) as
  select
    plan.id as plan_id,
    patient.dataset,
    patient.split,
    patient.pseudonym as patient,
    plan.source_key as plan,
    plan.site,
    plan.prescription_gy,
    plan.fractions,
    plan.radiation,
    plan.technique,
    plan.machine,
    (
      select count(*)::int
      from cbir.slice
      where slice.plan_id = plan.id
    ) as slices,
    (
      select structure.volume_cc
      from cbir.structure
      where structure.plan_id = plan.id and structure.role = 'target' and structure.volume_cc is not null
      order by structure.mean_gy desc nulls last, structure.name collate "C"
      limit 1
    ) as target_volume_cc,
    array(
      select structure.name
      from cbir.structure
      where structure.plan_id = plan.id and structure.volume_cc > 0
      order by structure.name collate "C"
    ) as structures,
    (
      select max(slice.dose_max_gy)
      from cbir.slice
      where slice.plan_id = plan.id
    ) as dose_max_gy
  from cbir.plan
    join cbir.patient on patient.id = plan.patient_id;

comment on view cbir.plans is 'Plans with their patient and the properties by which users select them.';
comment on column cbir.plans.slices is 'Number of slices.';
comment on column cbir.plans.dose_max_gy is 'Highest dose of a voxel; null for a plan without dose.';
comment on column cbir.plans.target_volume_cc is
  'Volume of the target with the highest mean dose, which is the boost if targets are nested; without dose, of the first target by name; null without a target.';
comment on column cbir.plans.structures is 'Names of the structures that have a volume, sorted.';

create or replace view cbir.structures with (security_invoker = true) as
  select
    structure.plan_id,
    patient.pseudonym as patient,
    plan.source_key as plan,
    structure.name,
    structure.role,
    structure.volume_cc,
    structure.mean_gy,
    structure.max_gy,
    (
      select (sum(area.cm2 * slice.position_mm) / nullif(sum(area.cm2), 0))::real
      from unnest(structure.areas_cm2) with ordinality as area (cm2, place)
        join (
          select one.position_mm, row_number() over (order by one.index) as place
          from cbir.slice as one
          where one.plan_id = structure.plan_id
        ) as slice using (place)
    ) as centre_mm,
    structure.dosed_share
  from cbir.structure
    join cbir.plan on plan.id = structure.plan_id
    join cbir.patient on patient.id = plan.patient_id;

comment on view cbir.structures is 'Targets and organs with their dose, without the histograms.';
comment on column cbir.structures.centre_mm is
  'Position of the centre of mass along the patient in mm, as position_mm of a slice; null if no slice shows the structure.';

create or replace view cbir.dvh with (security_invoker = true) as
  select
    structure.plan_id,
    structure.name as structure,
    -- An integer times a real is a float8; the cast drops the digits that the real does not have.
    ((bin.place - 1) * structure.dvh_bin_gy)::real as dose_gy,
    bin.volume
  from cbir.structure
    cross join lateral unnest(structure.dvh) with ordinality as bin (volume, place);

comment on view cbir.dvh is 'Cumulative dose-volume histograms, with a row for each dose.';
comment on column cbir.dvh.volume is 'Fraction of the volume of the structure that gets at least dose_gy.';
