-- Searches: what they find, in which order, under which conditions, and what they refuse.
begin;

\ir documents.sql

select plan(30);

-- The truth, by nothing of pg-lsh.
create function pg_temp.truth(query vector, k int)
  returns table (key text, distance float8)
  language sql
as 'select id::text, embedding <-> query from document order by 2, id limit k';

select is(lsh.index_of('document'), 'tap_document', 'the index of a table has a name');
select results_eq(
  $$select key, round(distance::numeric, 5) from lsh.search_exact('tap_document', '[0.5,0.5,3]', k => 20)$$,
  $$select key, round(distance::numeric, 5) from pg_temp.truth('[0.5,0.5,3]', 20)$$,
  'search_exact finds the nearest rows in order');
select results_eq(
  format($$select key from lsh.search('tap_document', '[0.5,0.5,3]', k => 20, candidates => 300, stage => %L)$$, stage),
  $$select key from pg_temp.truth('[0.5,0.5,3]', 20)$$,
  format('search by stage %s finds them where it ranks all', stage))
from unnest(array['scan', 'exact']) as stage;
select is(count(*), 20::bigint, 'search finds k rows with one probe')
from lsh.search('tap_document', '[0.5,0.5,3]', k => 20, probes => 1);
select is(count(*), 300::bigint, 'search finds all rows where k is more') from lsh.search('tap_document', '[0.5,0.5,3]', k => 1000);
select is(array_agg(distance order by ordinality), array_agg(distance order by distance), 'search returns rows by distance')
from lsh.search('tap_document', '[0.5,0.5,3]', k => 50) with ordinality;
select is(
  (select array_agg(key order by ordinality) from lsh.search('tap_document', '[0.1,0.2,1]') with ordinality),
  (select array_agg(key order by ordinality) from lsh.search('tap_document', '[0.1,0.2,1]') with ordinality),
  'the same search twice finds the same');
select is(key, '7', 'a row is nearest to itself')
from lsh.search('tap_document', (select embedding from document where id = 7), k => 1);

select is_empty(
  $$select key from lsh.search('tap_document', '[0.5,0.5,3]', exclude => '{7,8,9}') where key in ('7', '8', '9')$$,
  'search leaves out what is excluded');
select set_eq(
  $$select key from lsh.search('tap_document', '[0.5,0.5,3]', allowed => '{5,6}')$$, $$values ('5'), ('6')$$,
  'search finds what is allowed, and nothing else');
select is(count(*) filter (where topic = 'heart'), 40::bigint, 'a filter finds k rows that pass it')
from lsh.search('tap_document', '[0.5,0.5,3]', k => 40, filter => '{"topic": "heart"}') join document on id::text = key;
select is(max(written), date '2024-01-31', 'a filter takes bounds')
from lsh.search('tap_document', '[0.5,0.5,3]', k => 300, filter => '{"written": {"lte": "2024-01-31"}}') join document on id::text = key;
select is(count(*), 0::bigint, 'a filter that no row passes finds none')
from lsh.search('tap_document', '[0.5,0.5,3]', filter => '{"topic": "liver"}');

select results_eq(
  $$select (near).id::text, round(distance::numeric, 5) from lsh.nearest(null::document, query => '[0.5,0.5,3]', k => 5, stage => 'exact')$$,
  $$select key, round(distance::numeric, 5) from pg_temp.truth('[0.5,0.5,3]', 5)$$,
  'nearest returns the rows themselves');
select is_empty(
  $$select from lsh.nearest(null::document, item => '7', k => 10) where (near).id = 7$$, 'nearest leaves out the item that is asked for');
select is(count(*), 6::bigint, 'nearest of each of several rows')
from document cross join lateral lsh.nearest(null::document, query => embedding, k => 2) where id <= 3;

select set_eq(
  $$select key from lsh.within('tap_document', '[0.5,0.5,3]', 1)$$,
  $$select id::text from document where embedding <-> '[0.5,0.5,3]' <= 1$$,
  'within finds all rows in reach');
select is(count(*), 0::bigint, 'within finds none where none is in reach') from lsh.within('tap_document', '[90,90,90]', 1);
select set_eq(
  $$select a, b from lsh.pairs('tap_document', 0.05)$$,
  $$select least(one.id, two.id)::text, greatest(one.id, two.id)::text
    from document as one join document as two on one.id < two.id and one.embedding <-> two.embedding <= 0.05$$,
  'pairs finds all near pairs, each once')
where true;
select is(recall, 1::float8, 'compare finds no loss where all buckets are visited')
from lsh.compare('tap_document', '{7}', '{5}', candidates => 300, probes => 8);
select ok(chosen_stage is not null and exhausted is not null, 'explain_search tells what was done')
from lsh.explain_search('tap_document', '[0.5,0.5,3]');
select is(codes, 300::bigint, 'index_stats counts the codes') from lsh.index_stats('tap_document');

-- Codes follow the table.
insert into document values (1000, 'heart', null, '[0.5,0.5,3]');
select is(key, '1000', 'a new row is found') from lsh.search('tap_document', '[0.5,0.5,3]', k => 1);
update document set embedding = '[9,9,9]' where id = 1000;
select is(key, '1000', 'a changed row is found where it is now') from lsh.search('tap_document', '[9,9,9]', k => 1);
delete from document where id = 1000;
select isnt(key, '1000', 'a deleted row is not found') from lsh.search('tap_document', '[9,9,9]', k => 1);

select throws_ok($$select * from lsh.search('nowhere', '[1,2,3]')$$, 'LSH01', null, 'an unknown index is refused');
select throws_ok($$select * from lsh.search('tap_document', '[1,2]')$$, 'LSH02', null, 'a query of another dimension is refused');
select throws_ok($$select * from lsh.search('tap_document', '[1,2,3]', k => 0)$$, '22023', null, 'k must be at least 1');
select throws_ok(
  $$select * from lsh.search('tap_document', '[1,2,3]', filter => '{"colour": 1}')$$, '42703', null, 'a filter by an unknown column is refused');

select * from finish();
rollback;
