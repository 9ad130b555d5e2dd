create or replace view cbir.pictures with (security_invoker = true) as
  select
    picture.item_id,
    item.dataset,
    item.kind,
    patient.split,
    patient.pseudonym as source,
    item.source_key as key,
    item.label,
    item.attributes
  from cbir.picture
    join cbir.item on item.id = picture.item_id
    join cbir.patient on patient.id = picture.patient_id;

comment on view cbir.pictures is 'Images and neurons outside plans with label, attributes and source, without their content.';
comment on column cbir.pictures.source is 'Patient, tile or neuron that it shows; the key if nothing names one.';

create or replace function cbir.delete_items(items int[])
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
begin
  -- Codes that no trigger deletes go first. The content and features of an item are deleted by cascade.
  for index in
    select registered.*
    from lsh.index as registered
      join cbir.space on to_regclass(format('space.%I', space.name)) = registered.relation
    where registered.maintain = 'loader'
  loop
    execute format('delete from %s as code where code.key = any($1)', index.codes) using delete_items.items;
  end loop;
  delete from cbir.item where item.id = any(delete_items.items);
end
$$;

comment on function cbir.delete_items(int[]) is 'Removes items outside plans, with their features and codes. The patients, tiles and neurons that they show stay.';
