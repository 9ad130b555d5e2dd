-- An analyst who may search finds the rows that policies show, and changes nothing.
begin;

\ir documents.sql

select plan(10);

create role lsh_tap_analyst;
grant select on document to lsh_tap_analyst;

set local role lsh_tap_analyst;
select throws_ok($$select * from lsh.search('tap_document', '[1,2,3]')$$, '42501', null, 'nobody searches without a grant');
reset role;

do $$ begin perform lsh.grant_search('tap_document', 'lsh_tap_analyst'); end $$;
alter table document enable row level security;
create policy hearts on document to lsh_tap_analyst using (topic = 'heart');

set local role lsh_tap_analyst;
select is(count(*), 30::bigint, 'k rows are found among those that policies show')
from lsh.search('tap_document', '[0.5,0.5,3]', k => 30);
select is(
  (select count(*) from lsh.search('tap_document', '[0.5,0.5,3]', k => 300)),
  (select count(*) from document), 'and never more than the role sees');
select is(
  (select array_agg(key order by ordinality) from lsh.search_exact('tap_document', '[0.5,0.5,3]', k => 10) with ordinality),
  (select array_agg(id::text order by distance, id) from (
    select id, embedding <-> '[0.5,0.5,3]' as distance from document order by 2, 1 limit 10) as seen),
  'they are the nearest of those');
select is((select count(*) from lsh_index.tap_document), (select count(*) from document), 'codes of hidden rows are hidden');
select throws_ok(format('select %s', what), '42501', null, format('an analyst may not: %s', what))
from unnest(array[
  $$lsh.drop_index('tap_document')$$,
  $$lsh.compact_index('tap_document')$$,
  $$lsh.grant_search('tap_document', 'public')$$,
  $$lsh.drop_family('tap_document')$$
]) as what;
select is_empty('select * from lsh.maintain()', 'maintain looks after the indexes of its caller alone');
reset role;

select * from finish();
rollback;
