-- Up Migration

create schema if not exists lsh;
comment on schema lsh is 'Locality-sensitive hashing over pgvector columns.';

create schema lsh_internal;
comment on schema lsh_internal is 'Internal functions of lsh; they may change in any version.';

create schema lsh_index;
comment on schema lsh_index is 'Code tables, one for each row of lsh.index and of the same name, and the functions that keep and guard them.';

create type lsh.calibration as (
  sampled int,
  radius float8,
  mean_distance float8,
  contrast float8,
  bandwidth float8,
  curve jsonb,
  best_kind text,
  dice jsonb
);

comment on type lsh.calibration is 'What lsh.calibrate measured on a sample of a vector column.';

create table lsh.family (
  id int generated always as identity primary key,
  name text not null unique,
  kind text not null check (kind in ('kernel', 'cosine', 'sign', 'itq', 'qary', 'residual', 'scalar')),
  dims int not null check (dims between 1 and 16000),
  bits int not null check (bits between 16 and 8192),
  levels int not null check (case kind when 'qary' then levels between 3 and 16 else levels = 2 end),
  seed int not null,
  bandwidth float8 check (bandwidth > 0::float8 and bandwidth < 'infinity'::float8),
  center @vector@.vector not null,
  bucket_kind text not null check (bucket_kind in ('bits', 'qary', 'voronoi')),
  bucket_count int not null check (bucket_count between 1 and 65536),
  calibration jsonb not null,
  version int not null check (version = 1),
  checksum text not null,
  owner name not null default current_user,
  token uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  check ((bandwidth is null) = (kind in ('sign', 'itq', 'residual', 'scalar'))),
  check (kind not in ('residual', 'scalar') or bucket_kind = 'voronoi')
);

comment on table lsh.family is 'Hash families: immutable, one row for each draw of random directions.';
comment on column lsh.family.kind is 'How codes are drawn: kernel, cosine, sign or qary at random; itq, residual and scalar learned by "pg-lsh family create". See the SQL reference.';
comment on column lsh.family.levels is 'q of the quantiser of a qary family, 2 for all others.';
comment on column lsh.family.bandwidth is 'gamma of the kernel exp(-gamma |x - y|^2 / 2), in 1 / squared units of the vectors; 1 / squared width of a level for qary; null for sign, itq, residual and scalar, which have no scale.';
comment on column lsh.family.center is 'Mean of the calibration sample, subtracted before projecting: it changes no kernel value but keeps 4-byte sums exact.';
comment on column lsh.family.bucket_kind is 'bits: sides of balanced hyperplanes; qary: levels of directions; voronoi: the nearest of learned centres.';
comment on column lsh.family.calibration is 'Figures the bandwidth was chosen from, as lsh.calibrate returned them, and the relation they were measured on.';
comment on column lsh.family.version is 'Version of the rule by which these parameters make codes and buckets of a vector. It does not depend on how the parameters were drawn, because they are stored.';
comment on column lsh.family.checksum is 'sha256 over all parameters, as lsh.family_checksum computes it.';
comment on column lsh.family.owner is 'Role that created the family and may complete or drop it.';
comment on column lsh.family.token is 'A value that proves to functions on directions that their caller may read this row.';

create table lsh.projection (
  family_id int not null references lsh.family on delete cascade,
  purpose text not null check (purpose in ('code', 'bucket', 'group', 'image')),
  ordinal int not null,
  parent int,
  weight @vector@.vector not null,
  phase float8,
  threshold float8 not null,
  primary key (family_id, purpose, ordinal)
);

create index on lsh.projection (family_id, purpose, parent) where parent is not null;

-- A vector of 512 or more dimensions would be stored out of line, which makes encoding ten times slower. The image of a
-- centre is a row of its own, so that more of the centres, which a search compares by the hundred, share a page.
alter table lsh.projection alter column weight set storage main;

comment on table lsh.projection is 'Parameters of the codes of a family (code), of its buckets (bucket) and, if buckets are cells, of their groups (group); for kind residual also the images of the cells (image).';
comment on column lsh.projection.parent is 'Group of a cell of voronoi buckets; for a bit of a scalar code the highest bit of its axis; null for all else.';
comment on column lsh.projection.weight is 'A direction; for cells and their groups a centre, relative to the center of the family; for an image the inner products of the centre of a cell with the code directions.';
comment on column lsh.projection.phase is 'b of cos(<w, x> + b) + t, in radians, or 1 / 2 |w|^2 for a bit of a scalar code; null where the bit is the sign of <w, x> + t.';
comment on column lsh.projection.threshold is 't of cos(<w, x> + b) + t or of <w, x> + t.';

create table lsh.index (
  id int generated always as identity primary key,
  name text not null unique check (name ~ '^[a-z_][a-z0-9_]{0,62}$'),
  relation regclass not null,
  codes regclass not null,
  key_column name not null,
  vector_column name not null,
  bound oid not null,
  key_number smallint not null,
  key_index oid not null,
  vector_number smallint not null,
  dims int not null,
  family_id int not null references lsh.family,
  maintain text not null check (maintain in ('trigger', 'loader')),
  state text not null default 'ready' check (state in ('building', 'ready', 'suspect')),
  stage text check (stage in ('buckets', 'scan', 'hnsw', 'exact')),
  ranking text check (ranking in ('hamming', 'asymmetric', 'estimate')),
  probes int not null check (probes > 0),
  candidates int not null check (candidates > 0),
  measured int[],
  settings text not null generated always as (case when measured[1:2] = array[probes, candidates] then 'measured' else 'given' end) stored,
  security text not null check (security in ('policies', 'open')),
  created_at timestamptz not null default now()
);

create index on lsh.index (relation);
create index on lsh.index (family_id);

comment on table lsh.index is 'Hash indexes: lsh_index.<name> holds a code for each row of relation.';
comment on column lsh.index.maintain is 'trigger: updated by triggers on relation; loader: every program that writes to relation writes the codes.';
comment on column lsh.index.codes is 'The code table by its oid, so that another table with its name is never read.';
comment on column lsh.index.bound is 'Table in which key_number, key_index and vector_number were read, so that renamed columns are noticed. In a restored database it differs from relation, and the names are valid.';
comment on column lsh.index.state is 'building: rows may lack codes; suspect: vectors may have changed without their codes. Searches read the table until lsh.build_index or lsh.verify_index has run.';
comment on column lsh.index.stage is 'Default candidate stage of lsh.search; null: chosen by the size of the table.';
comment on column lsh.index.ranking is 'Default ranking of codes; null: the best that the family supports.';
comment on column lsh.index.probes is 'Default number of buckets that lsh.search visits.';
comment on column lsh.index.security is 'With policies, a role sees the codes of rows that it may see; with open, all codes of a code table that it may read.';
comment on column lsh.index.measured is 'Probes and candidates that were measured on rows of the index when it was filled, for ten neighbours and then for a hundred; the defaults for an index with few rows.';
comment on column lsh.index.settings is 'measured: probes and candidates are those in column measured, and are measured again when the table is hashed again; given: a user has chosen them.';
comment on column lsh.index.candidates is 'Default number of codes that lsh.search re-ranks by exact distance.';

create table lsh.index_progress (
  index_id int primary key references lsh.index on delete cascade,
  last_key text,
  done bigint not null,
  total bigint not null,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

comment on table lsh.index_progress is 'Progress of indexes in state building: number of rows read in the order of their keys, the last key, and the approximate number of all rows.';

create table lsh.index_check (
  index_id int not null references lsh.index on delete cascade,
  family_id int not null,
  checked_at timestamptz not null,
  recall float8,
  drift float8,
  scale float8,
  primary key (index_id, checked_at)
);

comment on table lsh.index_check is 'Measurements of indexes by lsh.maintain, kept as long as an index keeps its family.';
comment on column lsh.index_check.recall is 'Recall@10 of a search with the settings of the index; null where it is not ready.';
comment on column lsh.index_check.drift is 'Distance of the mean of a sample from the center of the family, in mean distances when it was drawn.';
comment on column lsh.index_check.scale is 'Radius of neighbours in widths of the kernel; null for kinds without one.';

create table lsh.recall_sample (
  index_id int not null references lsh.index on delete cascade,
  family_id int not null,
  sampled_at timestamptz not null default now(),
  k int not null check (k > 0),
  recall float8 not null check (recall between 0 and 1),
  id uuid not null default gen_random_uuid(),
  primary key (index_id, sampled_at, id)
);

comment on table lsh.recall_sample is 'Recall of searches that lsh.sample_recall has measured, without queries, results and roles.';

create type lsh_internal.query as (
  vector @vector@.vector,
  code bit varying,
  planes bit varying[],
  step float8,
  size float8,
  buckets int[],
  codes bit varying[],
  distances float8[],
  sizes float8[],
  length float8,
  steps float8[]
);

comment on type lsh_internal.query is 'A hashed query: vector, code, margins, distance to the center, and the buckets to visit, each with its squared distance and the values that residual and scalar families need.';

create type lsh_internal.plan as (
  stage text,
  ranking text,
  k int,
  candidates int,
  probes int,
  exclude text[],
  allowed text[],
  filter text,
  passing float8,
  tested int,
  estimated boolean
);

comment on type lsh_internal.plan is 'Plan of a search: candidate stage, ranking, number of candidates and whether they are re-ranked; condition on the rows, expected share of rows that pass it, and number of codes whose rows are tested.';

-- Down Migration

drop schema lsh_internal cascade;
drop schema lsh_index cascade;
drop schema lsh cascade;
