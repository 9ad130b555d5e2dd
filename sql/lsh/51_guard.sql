-- A code table belongs to the owner of the indexed table, and an owner may attach code to a table: triggers, checks,
-- defaults, rules. Maintenance by another role, such as a superuser, must not run that code.

create or replace function lsh_internal.owner_of(relation regclass)
  returns name
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select pg_get_userbyid(pg_class.relowner) from pg_class where pg_class.oid = relation);
end
$$;

comment on function lsh_internal.owner_of(regclass) is 'Name of the role that owns a table.';

create or replace function lsh_internal.grantee(role oid)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end;
end
$$;

comment on function lsh_internal.grantee(oid) is 'A role of an access list, as a grant names it.';

create or replace function lsh_internal.owns(relation regclass)
  returns boolean
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce((select pg_has_role(pg_class.relowner, 'usage') from pg_class where pg_class.oid = relation), false));
end
$$;

comment on function lsh_internal.owns(regclass) is 'Whether the caller has the rights of the owner of a table.';

create or replace function lsh_internal.assert_owner(index lsh.index)
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
declare
  owner constant name := lsh_internal.owner_of(index.relation);
begin
  if not lsh_internal.owns(index.relation) then
    raise exception 'must be owner of index "%": its table "%" belongs to role %', index.name, index.relation, owner
      using errcode = 'insufficient_privilege',
            hint = format('Run this as role %I or as a superuser.', owner);
  elsif row_security_active(index.relation) then
    raise exception 'policies of table "%" hide rows from role %, even though it owns the table', index.relation, current_user
      using errcode = 'insufficient_privilege',
            hint = format('Run this as a superuser, or "alter table %s no force row level security" first.', index.relation);
  end if;
end
$$;

comment on function lsh_internal.assert_owner(lsh.index) is
  'Raises unless the caller may maintain an index: it must be owner of the table and see all of its rows.';

create or replace function lsh_internal.assert_fresh()
  returns void
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'indexes must be created, changed and dropped under read committed, not in a % transaction', current_setting('transaction_isolation')
      using errcode = 'active_sql_transaction',
            hint = 'An older snapshot lacks recently committed rows and changes of the catalogue: run this outside the transaction, or after "set transaction isolation level read committed".';
  end if;
end
$$;

comment on function lsh_internal.assert_fresh() is 'Raises in transactions that do not see recently committed changes.';

create or replace function lsh_internal.held_index(index text, mode text default 'row exclusive')
  returns lsh.index
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  found lsh.index := lsh_internal.require_index(index);
begin
  perform lsh_internal.assert_owner(found);
  -- A session that replaces or drops codes needs a conflicting lock on the table, so the second look-up returns what
  -- stays.
  execute format('lock table %s in %s mode', found.relation, mode);
  return lsh_internal.require_index(index);
end
$$;

comment on function lsh_internal.held_index(text, text) is
  'Registry row of an index that the caller may maintain. Locks its codes against replacement until the transaction ends.';

create or replace function lsh_internal.foreign_code(codes regclass)
  returns text
  language plpgsql stable
  set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(
      (select format('trigger "%s"', tgname) from pg_trigger where tgrelid = codes and not tgisinternal limit 1),
      (select format('constraint "%s"', conname) from pg_constraint
       where (conrelid = codes and contype not in ('p', 'n') or confrelid = codes) limit 1),
      (select format('policy "%s"', polname) from pg_policy where polrelid = codes and polname <> 'lsh_search' limit 1),
      (select 'forced policies' from pg_class where oid = codes and relforcerowsecurity),
      (select format('rule "%s"', rulename) from pg_rewrite where ev_class = codes limit 1),
      (select format('a default of column "%s"', attname)
       from pg_attrdef join pg_attribute on attrelid = adrelid and attnum = adnum
       where adrelid = codes limit 1),
      (select format('column "%s"', attname) from pg_attribute
       where attrelid = codes and attnum > 0 and not attisdropped
         and (attname, atttypid) not in (
           ('bucket', 'int4'::regtype), ('code', 'bit'::regtype), ('norm', 'float4'::regtype), ('scale', 'float4'::regtype))
         and not (attname = 'key' and lsh_internal.is_key_type(atttypid))
       limit 1),
      (select format('index "%s"', indexrelid::regclass) from pg_index
       where indrelid = codes and (indexprs is not null or indpred is not null) limit 1),
      (select 'inheritance' from pg_inherits where inhparent = codes or inhrelid = codes limit 1)));
end
$$;

comment on function lsh_internal.foreign_code(regclass) is
  'Object of a code table that could run code from outside this schema when the table is written; null if there is none.';

create or replace function lsh_internal.lock_codes(index lsh.index)
  returns void
  language plpgsql
  set search_path = pg_catalog, pg_temp
as $$
declare
  found text;
begin
  if lsh_internal.owner_of(index.codes) = current_user then
    return;
  end if;
  -- Writers may continue, but nobody can attach code to the table until the transaction ends.
  execute format('lock table %s in row exclusive mode', index.codes);
  found := lsh_internal.foreign_code(index.codes);
  if found is not null then
    raise exception 'code table "%" has %, which would run code of its owner with your rights', index.codes, found
      using errcode = 'insufficient_privilege',
            hint = format('Run this as role %I, or drop it: a code table has only its five columns, a primary key, indexes and one policy.',
              lsh_internal.owner_of(index.codes));
  end if;
end
$$;

comment on function lsh_internal.lock_codes(lsh.index) is
  'Raises if writing a code table could run code of its owner with the rights of another role, and locks the table in that state.';
