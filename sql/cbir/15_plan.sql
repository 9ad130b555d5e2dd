create or replace function cbir.delete_plan(plan int)
  returns void
  language plpgsql volatile parallel unsafe
  set search_path = pg_catalog, pg_temp
as $$
declare
  index lsh.index;
begin
  -- Codes that no trigger deletes go first. The slices and features of an item are deleted by cascade.
  for index in
    select registered.*
    from lsh.index as registered
      join cbir.space on to_regclass(format('space.%I', space.name)) = registered.relation
    where registered.maintain = 'loader'
  loop
    execute format(
      'delete from %s as code using cbir._member as member where member.plan_id = $1 and code.key = member.item_id',
      index.codes)
    using plan;
  end loop;
  delete from cbir.item using cbir._member as member where member.plan_id = plan and item.id = member.item_id;
  delete from cbir.plan where plan.id = delete_plan.plan;
end
$$;

comment on function cbir.delete_plan(int) is
  'Removes a plan with its slices, features and codes; its patient stays.';
