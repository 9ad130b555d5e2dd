/**
 * A substitute for pg_tle: its functions that register an extension, and `created`, which runs the script of a version
 * as "create extension" does, in one transaction and as the current role.
 */
export const pgTle = [
  'create schema pgtle',
  `create table pgtle.script (name text, source text, version text, body text, requires text[], primary key (name, source, version))`,
  'grant select, insert on pgtle.script to public',
  `create function pgtle.install_extension(name text, version text, description text, ext text, requires text[] default null)
     returns boolean language plpgsql as $$
   begin
     insert into pgtle.script values (name, '', version, ext, requires);
     return true;
   end $$`,
  `create function pgtle.install_extension_version_sql(name text, version text, ext text)
     returns boolean language plpgsql as $$
   begin
     insert into pgtle.script values (name, '', version, ext);
     return true;
   end $$`,
  `create function pgtle.install_update_path(name text, fromvers text, tovers text, ext text)
     returns boolean language plpgsql as $$
   begin
     insert into pgtle.script values (name, fromvers, tovers, ext);
     return true;
   end $$`,
  // pg_extension_config_dump works only inside "create extension".
  `create function pgtle.created(name text, version text)
     returns void language plpgsql as $$
   declare
     body text := (select script.body from pgtle.script where script.name = created.name and source = '' and script.version = created.version);
   begin
     execute regexp_replace(body, 'select pg_extension_config_dump[^;]*;', '', 'g');
   end $$`,
]
