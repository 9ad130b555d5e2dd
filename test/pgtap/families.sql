-- Families: the same seed draws the same codes, a family is not changed, and codes tell what is near.
begin;

\ir documents.sql

select plan(13);

select is(
  lsh.create_family('tap_again', 'document', 'embedding', bits => 64, kind => 'sign', bucket_bits => 3), 'tap_again',
  'create_family returns its name');
select is(
  (select count(*) from document where lsh.encode('tap_document', embedding) <> lsh.encode('tap_again', embedding)),
  0::bigint, 'the same seed draws the same codes');
select isnt(lsh.family_checksum('tap_document'), null, 'a family has a checksum');
select is(lsh.family_checksum('tap_document'), lsh.family_checksum('tap_again'), 'equal families have equal checksums');
select is(length(lsh.encode('tap_document', '[1,2,3]')), 64, 'a code has the bits of its family');
select is(
  (select count(*) from document join lsh_index.tap_document as stored on stored.key = document.id
   where stored.code <> lsh.encode('tap_document', embedding)),
  0::bigint, 'stored codes are those that encode computes');
select cmp_ok(
  (select corr(lsh.hamming(lsh.encode('tap_document', a.embedding), lsh.encode('tap_document', b.embedding)), a.embedding <-> b.embedding)
   from document as a, document as b where a.id < 40 and b.id < 40),
  '>', 0.6::float8, 'rows that are near differ in few bits');
select is(cardinality(lsh.probes('tap_document', '[1,2,3]', 8)), 8, 'probes names as many buckets as are asked for');
select is(
  (select count(distinct bucket) from unnest(lsh.probes('tap_document', '[1,2,3]', 8)) as bucket), 8::bigint, 'and each once');
select is(
  (lsh.probes('tap_document', embedding, 1))[1], (select bucket from lsh_index.tap_document where key = 7), 'the first is the row''s own')
from document where id = 7;
select throws_ok($$update lsh.family set bits = 32 where name = 'tap_document'$$, null, null, 'a family is not changed');
select throws_ok($$select lsh.drop_family('tap_document')$$, '2BP01', null, 'a family with an index is not dropped');
select throws_ok($$select lsh.encode('tap_document', '[1,2]')$$, 'LSH02', null, 'a vector of another dimension has no code');

select * from finish();
rollback;
