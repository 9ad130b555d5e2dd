-- A new code table that replaces an old one inherits everything that was set on it: grants, storage, publications,
-- indexes and views.

create or replace function lsh_internal.grants_on(relation regclass)
  returns jsonb
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('privilege', granted.privilege_type, 'column', granted.attname,
      'role', lsh_internal.grantee(granted.grantee),
      'grantable', granted.is_grantable)), '[]'::jsonb)
    from (
      select privilege.*, null::name as attname
      from pg_class
        cross join lateral aclexplode(pg_class.relacl) as privilege
      where pg_class.oid = relation
        and privilege.grantee <> pg_class.relowner
      union all
      select privilege.*, pg_attribute.attname
      from pg_attribute
        cross join lateral aclexplode(pg_attribute.attacl) as privilege
      where pg_attribute.attrelid = relation
    ) as granted);
end
$$;

comment on function lsh_internal.grants_on(regclass) is
  'Privileges of all roles but the owner on a relation and its columns.';

create or replace function lsh_internal.give_grants(relation regclass, grants jsonb)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  granted record;
begin
  for granted in
    select * from jsonb_to_recordset(grants) as granted (privilege text, "column" text, role text, grantable boolean)
  loop
    execute format('grant %s%s on %s to %s%s', granted.privilege, ' (' || quote_ident(granted."column") || ')', relation,
      granted.role, case when granted.grantable then ' with grant option' end);
  end loop;
end
$$;

comment on function lsh_internal.give_grants(regclass, jsonb) is
  'Grants on a relation the privileges that lsh_internal.grants_on returned for another one.';

create or replace function lsh_internal.assert_carried(codes regclass)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  lost constant text := coalesce(
    (select format('policy "%s"', polname) from pg_policy where polrelid = codes and polname <> 'lsh_search' limit 1),
    (select 'forced policies' from pg_class where oid = codes and relforcerowsecurity),
    (select format('statistics "%s"', stxname) from pg_statistic_ext where stxrelid = codes limit 1),
    (select format('foreign key "%s" of table "%s"', conname, conrelid::regclass) from pg_constraint where confrelid = codes limit 1),
    (select format('trigger "%s"', tgname) from pg_trigger where tgrelid = codes and not tgisinternal limit 1));
begin
  if lost is not null then
    raise exception 'code table "%" has %, which its replacement would not have', codes, lost
      using errcode = 'feature_not_supported', hint = 'Drop it first, and recreate it afterwards if you need it.';
  end if;
end
$$;

comment on function lsh_internal.assert_carried(regclass) is
  'Raises if a code table has an object that its replacement would silently lack.';

create or replace function lsh_internal.copy_settings(old regclass, new regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  source pg_class := (select pg_class from pg_class where oid = old);
  "column" record;
  said text := obj_description(old, 'pg_class');
begin
  if source.reloptions is not null then
    execute format('alter table %s set (%s)', new, array_to_string(source.reloptions, ', '));
  end if;
  if source.relreplident in ('f', 'n') then
    execute format('alter table %s replica identity %s', new, case source.relreplident when 'f' then 'full' else 'nothing' end);
  end if;
  execute format('comment on table %s is %L', new, said);
  for "column" in
    select place.attname as name, place.attstorage as storage, place.attcompression as compression,
      array(select option from unnest(place.attoptions) as option where option like 'n_distinct%') as options, nullif(to_jsonb(place) ->> 'attstattarget', '-1') as target,
      col_description(old, place.attnum) as said, fresh.attstorage <> place.attstorage as stored_otherwise
    from pg_attribute as place
      join pg_attribute as fresh on fresh.attrelid = new and fresh.attname = place.attname
    where place.attrelid = old and place.attnum > 0 and not place.attisdropped
  loop
    if "column".target is not null then
      execute format('alter table %s alter column %I set statistics %s', new, "column".name, "column".target);
    end if;
    if "column".options <> '{}' then
      execute format('alter table %s alter column %I set (%s)', new, "column".name, array_to_string("column".options, ', '));
    end if;
    if "column".stored_otherwise then
      execute format('alter table %s alter column %I set storage %s', new, "column".name,
        case "column".storage when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end);
    end if;
    if "column".compression in ('p', 'l') then
      execute format('alter table %s alter column %I set compression %s', new, "column".name,
        case "column".compression when 'p' then 'pglz' else 'lz4' end);
    end if;
    if "column".said is not null then
      execute format('comment on column %s.%I is %L', new, "column".name, "column".said);
    end if;
  end loop;
end
$$;

comment on function lsh_internal.copy_settings(regclass, regclass) is
  'Copies storage, statistics targets, replica identity and comments of a code table to another one.';

create or replace function lsh_internal.copy_indexes(old regclass, new regclass)
  returns name[]
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  names name[] := '{}';
  extra record;
  head text;
begin
  for extra in
    select place.indexrelid, pg_class.relname as name, pg_get_indexdef(place.indexrelid) as definition,
      case when place.indisunique then 'UNIQUE ' else '' end as uniqueness,
      obj_description(place.indexrelid, 'pg_class') as said
    from pg_index as place
      join pg_class on pg_class.oid = place.indexrelid
    where place.indrelid = old
      and place.indisvalid
      and not place.indisprimary
      and pg_class.relname <> 'bucket ' || old::oid
    order by place.indexrelid
  loop
    -- The definition begins with names, which may contain any character. Only the part after them is copied.
    head := format('CREATE %sINDEX %I ON %s USING ', extra.uniqueness, extra.name, old);
    names := names || extra.name;
    execute format('create %sindex %I on %s using %s', extra.uniqueness, format('%s %s', cardinality(names), new::oid), new,
      substr(extra.definition, length(head) + 1));
    execute format('comment on index lsh_index.%I is %L', format('%s %s', cardinality(names), new::oid), extra.said);
  end loop;
  return names;
end
$$;

comment on function lsh_internal.copy_indexes(regclass, regclass) is
  'Copies indexes that users have added to a code table, such as an HNSW graph, to another one under temporary names. Returns the final names, which are free after the old table is dropped.';

create or replace function lsh_internal.copy_publications(old regclass, new regclass)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  published record;
begin
  for published in
    select pubname as name, pg_get_expr(prqual, prrelid) as condition,
      (select string_agg(quote_ident(attname), ', ' order by attnum)
       from pg_attribute where attrelid = prrelid and attnum = any (prattrs)) as columns
    from pg_publication_rel
      join pg_publication on pg_publication.oid = prpubid
    where prrelid = old
  loop
    execute format('alter publication %I add table %s%s%s', published.name, new, ' (' || published.columns || ')',
      ' where (' || published.condition || ')');
  end loop;
end
$$;

comment on function lsh_internal.copy_publications(regclass, regclass) is
  'Adds a code table to all publications of another one.';
