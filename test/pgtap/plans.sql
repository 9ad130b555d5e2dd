-- Treatment plans: searches of slices and plans over a space that is made here, six patients with a plan of four slices each.
begin;

create extension if not exists pgtap;

select plan(17);

do $$
declare
  made int;
begin
  for number in 1..6 loop
    insert into cbir.patient (dataset, pseudonym) values ('tap', format('tap-%s', number)) returning id into made;
    insert into cbir.plan (patient_id, source_key, checksum, site, prescription_gy, voxel_mm)
    values (made, format('tap/%s', number), number::text, case when number % 2 = 0 then 'lung' else 'brain' end, 50 + number, '{1,1,3}')
    returning id into made;
    with item as (
      insert into cbir.item (dataset, kind, source_key, preview)
      select 'tap', 'slice', format('tap/%s/%s', number, i), '' from generate_series(0, 3) as i
      returning id, source_key
    )
    insert into cbir.slice (item_id, plan_id, index, position_mm, rows, columns, ct)
    select item.id, made, i, 3 * i, 1, 1, '\x0000' from item
      cross join lateral (select split_part(source_key, '/', 3)::int as i) as numbered;
  end loop;
  insert into cbir.encoder (name, dataset, architecture, dims, preprocessing, topology, weights, history, training, trained_on, checksum)
  values ('tap_space', 'tap', 'none', 2, '{}', '{}', '', '[]', '{}', '{}', '');
  perform cbir.create_space('tap_space', 2, 'tap_space');
  insert into space.tap_space
  select item_id, array[prescription_gy - 50, index]::vector from cbir.slices where dataset = 'tap';
  perform lsh.create_family('tap_space', 'space.tap_space', 'embedding', bits => 32, kind => 'sign', bucket_bits => 1);
  perform lsh.create_index('space.tap_space', 'embedding', 'tap_space');
end
$$;

create function pg_temp.slice_of(patient int, index int)
  returns int
  language sql
as $$select item_id from cbir.slices where slices.patient = format('tap-%s', slice_of.patient) and slices.index = slice_of.index$$;

select is(count(*), 24::bigint, 'cbir.slices shows the slices') from cbir.slices where dataset = 'tap';
select is(count(*), 6::bigint, 'cbir.plans shows the plans') from cbir.plans where dataset = 'tap' and slices = 4;
select is(cbir.plan_id('tap/3'), (select plan_id from cbir.plans where plan = 'tap/3'), 'plan_id finds a plan by its key');
select is(cbir.plan_space(cbir.plan_id('tap/3')), 'tap_space', 'plan_space names the space of a plan');

select is(patient, 'tap-2', 'the nearest slice of another patient')
from cbir.similar_slices(pg_temp.slice_of(1, 2), 'tap_space', k => 1);
select is_empty(
  $$select from cbir.similar_slices(pg_temp.slice_of(1, 2), 'tap_space', k => 20) where patient = 'tap-1'$$,
  'slices of the patient are left out');
select is(count(*), 3::bigint, 'unless they are asked for')
from cbir.similar_slices(pg_temp.slice_of(1, 2), 'tap_space', k => 24, exclude_same_patient => false) where patient = 'tap-1';
select results_eq(
  $$select item_id from cbir.similar_slices(pg_temp.slice_of(1, 2), 'tap_space', k => 5, candidates => 24, probes => 2)$$,
  $$select item_id from cbir.similar_slices_exact(pg_temp.slice_of(1, 2), 'tap_space', k => 5)$$,
  'similar_slices finds what the exact search finds');
select is(count(distinct patient), 3::bigint, 'one slice of each patient')
from cbir.similar_slices(pg_temp.slice_of(1, 2), 'tap_space', k => 3, one_per_patient => true);
select set_eq(
  $$select distinct patient from cbir.similar_slices(pg_temp.slice_of(1, 2), 'tap_space', k => 20, filter => '{"prescription_gy": {"gte": 55}}')$$,
  $$values ('tap-5'), ('tap-6')$$, 'a filter by dose');

select results_eq(
  $$select patient from cbir.similar_plans('tap/1', k => 3)$$, $$values ('tap-2'), ('tap-3'), ('tap-4')$$, 'plans by their distance');
select set_eq(
  $$select patient from cbir.similar_plans('tap/1', k => 5, filter => '{"site": "brain"}')$$, $$values ('tap-3'), ('tap-5')$$,
  'plans of a site');
select is(count(*), 4::bigint, 'matched_slices says why: a partner for each slice')
from cbir.matched_slices(cbir.plan_id('tap/1'), cbir.plan_id('tap/2'), 'tap_space');
select is(max(abs(position_mm - other_position_mm)), 0::real, 'at the same position')
from cbir.matched_slices(cbir.plan_id('tap/1'), cbir.plan_id('tap/2'), 'tap_space');

select throws_ok($$select * from cbir.similar_slices(0, 'tap_space')$$, 'P0002', null, 'a slice without features is refused');
select throws_ok($$select * from cbir.similar_plans('tap/99')$$, 'LSH01', null, 'an unknown plan is refused');
select throws_ok($$select * from cbir.similar_slices(pg_temp.slice_of(1, 2), 'nowhere')$$, 'LSH01', null, 'an unknown space is refused');

select * from finish();
rollback;
