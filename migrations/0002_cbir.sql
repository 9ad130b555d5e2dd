-- Up Migration

create schema cbir;
comment on schema cbir is 'Content-based image retrieval: plans, slices, structures, encoders and spaces.';

create schema space;
comment on schema space is 'Feature vectors, one table for each row of cbir.space and of the same name.';

create table cbir.patient (
  id int generated always as identity primary key,
  dataset text not null,
  pseudonym text not null,
  split text check (split in ('train', 'test')),
  unique (dataset, pseudonym)
);

comment on table cbir.patient is 'Patients by pseudonym, and sources of pictures outside plans: tiles, neurons. Nothing here identifies a person.';
comment on column cbir.patient.split is 'Part of the data set in which the patient was published; null if the source does not say.';

create table cbir.plan (
  id int generated always as identity primary key,
  patient_id int not null references cbir.patient,
  source_key text not null,
  checksum text not null,
  fingerprint text,
  site text check (site <> ''),
  prescription_gy real check (prescription_gy > 0),
  fractions int check (fractions > 0),
  radiation text check (radiation in ('photon', 'electron', 'neutron', 'proton', 'ion', 'brachy', 'mixed')),
  technique text check (technique in ('static', 'modulated', 'arc', 'scanned', 'scattered')),
  machine text check (machine <> ''),
  voxel_mm real[] not null check (cardinality(voxel_mm) = 3),
  loaded_at timestamptz not null default now(),
  unique (patient_id, source_key)
);

comment on table cbir.plan is 'Treatment plans, each loaded in one transaction.';
comment on column cbir.plan.checksum is 'sha256 over the files the plan was read from: a plan with the same checksum is not loaded again.';
comment on column cbir.plan.fingerprint is 'sha256 over names, sizes and times of those files: a plan with the same fingerprint is not even read again; null if the source has none.';
comment on column cbir.plan.site is 'Part of the body that is treated, as ''head and neck''; null where the source does not say.';
comment on column cbir.plan.prescription_gy is 'Dose prescribed to the highest target, in Gy; null for a plan without dose that does not state it.';
comment on column cbir.plan.fractions is 'Fractions of the whole course; null where the source does not say, as for radiation, technique and machine.';
comment on column cbir.plan.technique is 'Technique: fixed directions with one aperture or changing apertures, a rotating gantry, or ions by scanning or scattering.';
comment on column cbir.plan.machine is 'Pseudonym of the treatment machine.';
comment on column cbir.plan.voxel_mm is 'Size of a voxel in mm: rows, columns, distance of slices.';

create table cbir.item (
  id int generated always as identity primary key,
  dataset text not null,
  kind text not null check (kind in ('slice', 'plan', 'image', 'neuron')),
  source_key text not null,
  label text,
  attributes jsonb not null default '{}',
  preview bytea not null,
  unique (dataset, source_key)
);

comment on table cbir.item is 'Retrievable images of any kind.';
comment on column cbir.item.preview is 'PNG, 8 bit: CT in grey in the window 40 +- 200 HU, images in grey or colour, neurons drawn from three sides.';

create table cbir.slice (
  item_id int primary key references cbir.item on delete cascade,
  plan_id int not null references cbir.plan on delete cascade,
  index int not null check (index >= 0),
  position_mm real not null,
  rows int not null check (rows > 0),
  columns int not null check (columns > 0),
  dose_mean_gy real check (dose_mean_gy >= 0),
  dose_max_gy real check (dose_max_gy >= 0),
  ct bytea not null,
  dose bytea,
  dose_unit_gy real check (dose_unit_gy > 0),
  unique (plan_id, index),
  check (num_nulls(dose_mean_gy, dose_max_gy, dose, dose_unit_gy) in (0, 4))
);

alter table cbir.slice
  alter column ct set storage external,
  alter column dose set storage external;

comment on table cbir.slice is 'Axial slices: the items of a plan, with their images at full depth.';
comment on column cbir.slice.index is 'Number of the slice in its volume, 0 at the head.';
comment on column cbir.slice.position_mm is 'Distance from slice 0 along the patient, in mm, growing towards the feet.';
comment on column cbir.slice.dose_mean_gy is 'Mean dose over the voxels with dose, in Gy; null, like dose_max_gy, dose and dose_unit_gy, for a plan without dose.';
comment on column cbir.slice.ct is 'HU as little-endian int16, row by row from anterior and patient right, zlib-compressed.';
comment on column cbir.slice.dose is 'Multiples of dose_unit_gy as little-endian uint16, in the order of ct, zlib-compressed.';

create table cbir.plan_item (
  item_id int primary key references cbir.item on delete cascade,
  plan_id int not null unique references cbir.plan on delete cascade
);

comment on table cbir.plan_item is 'Plans as items of their own, in spaces that hold one vector for a whole plan.';

create table cbir.picture (
  item_id int primary key references cbir.item on delete cascade,
  patient_id int not null references cbir.patient,
  checksum text not null,
  fingerprint text not null,
  shape int[] not null,
  content bytea not null
);

alter table cbir.picture alter column content set storage external;

comment on table cbir.picture is 'Items that belong to no plan: images and morphologies of neurons.';
comment on column cbir.picture.patient_id is 'Source of the item: a patient, the tile that it was made from, or a neuron. A source is never used both for training and as a query.';
comment on column cbir.picture.checksum is 'sha256 over the file and its description: a picture with the same checksum is not loaded again.';
comment on column cbir.picture.fingerprint is 'sha256 over the description, size and times of the file: a picture with the same fingerprint is not even read again.';
comment on column cbir.picture.shape is 'For an image {rows, columns, channels}, at most 256 rows and columns; for a neuron {points}.';
comment on column cbir.picture.content is 'zlib-compressed. Image: samples of 8 bit, row by row. Neuron: arrays of x, y, z, radius (um, little-endian float4), parent (int4, -1 for a root) and type (byte).';

create table cbir.structure (
  plan_id int not null references cbir.plan on delete cascade,
  name text not null,
  role text not null check (role in ('target', 'organ')),
  volume_cc real check (volume_cc >= 0),
  mean_gy real check (mean_gy >= 0),
  max_gy real check (max_gy >= 0),
  dvh_bin_gy real check (dvh_bin_gy > 0),
  dvh real[],
  dosed_share real check (dosed_share between 0 and 1),
  areas_cm2 real[] not null,
  masks bytea[],
  primary key (plan_id, name),
  check (num_nulls(mean_gy, max_gy, dvh_bin_gy, dvh) in (0, 4))
);

comment on table cbir.structure is 'Delineated targets and organs with their volume and dose.';
comment on column cbir.structure.volume_cc is 'Volume in cm3; null for points and open lines, which have none.';
comment on column cbir.structure.mean_gy is 'Mean dose in Gy; null, like max_gy and dvh, for a plan without dose and where less than 99 % of the structure has a known dose.';
comment on column cbir.structure.max_gy is 'Highest dose of a voxel; of a structure of less than 1 cc or 20 voxels, of a part of one.';
comment on column cbir.structure.dosed_share is 'Share of the structure that the dose covers; null for a plan without dose and for a structure without volume.';
comment on column cbir.structure.dvh is 'Cumulative dose-volume histogram: element i (from 1) is the fraction of the volume that gets at least (i - 1) * dvh_bin_gy.';

create table cbir.encoder (
  id int generated always as identity primary key,
  name text not null unique,
  dataset text not null,
  architecture text not null,
  dims int not null check (dims > 0),
  preprocessing jsonb not null,
  topology jsonb not null,
  weights bytea not null,
  history jsonb not null,
  training jsonb not null,
  trained_on int[] not null,
  checksum text not null,
  created_at timestamptz not null default now()
);

alter table cbir.encoder alter column weights set storage external;

comment on column cbir.structure.areas_cm2 is 'Cross-section on each slice of the plan, in the order of their index, in cm2.';

comment on column cbir.structure.masks is 'Pixels inside on each slice, by index: a bit each, row by row, highest bit first, zlib-compressed; null for a slice without any; masks itself is null if nothing was drawn on slices.';

comment on table cbir.encoder is 'Trained encoders with everything needed to encode a query exactly like the stored items.';
comment on column cbir.encoder.preprocessing is 'How a slice becomes the input of the network: channel, size, window.';
comment on column cbir.encoder.weights is 'All weights as little-endian float4, in the order of topology.';
comment on column cbir.encoder.training is 'Seed, back end, losses and quality of the training.';
comment on column cbir.encoder.trained_on is 'Patients whose slices took part in the training, including those for early stopping.';
comment on column cbir.encoder.checksum is 'sha256 over architecture, preprocessing and weights.';

create table cbir.space (
  name text primary key check (name ~ '^[a-z_][a-z0-9_]{0,62}$'),
  dims int not null check (dims between 1 and 16000),
  encoder_id int references cbir.encoder,
  parts jsonb,
  pooling jsonb,
  created_at timestamptz not null default now(),
  check (num_nonnulls(encoder_id, parts, pooling) = 1)
);

comment on table cbir.space is 'Feature spaces: space.<name> holds a vector for each item that was encoded.';
comment on column cbir.space.parts is 'For a joint space: [{"space", "scale", "weight"}], whose vectors are divided by scale, multiplied by weight and concatenated.';
comment on column cbir.space.pooling is 'For a space of plans: {"features", "levels", "weights", "levelsMm", "widthMm"}, by which the vectors of slices are averaged around levels of the body. See the SQL reference.';

create table cbir.evaluation (
  id int generated always as identity primary key,
  dataset text not null,
  seed int not null,
  versions jsonb not null,
  settings jsonb not null,
  spaces jsonb not null,
  across_patients jsonb not null,
  seconds real not null check (seconds >= 0),
  created_at timestamptz not null default now()
);

comment on table cbir.evaluation is 'Runs of "pg-lsh report" with their measurements, which can be drawn again or beside another run.';
comment on column cbir.evaluation.seed is 'Seed of queries, families, samples and resamples.';
comment on column cbir.evaluation.versions is 'Versions of pg-lsh, Node.js, PostgreSQL, pgvector and the numerical back end.';
comment on column cbir.evaluation.settings is 'Number of queries, lengths and kinds of codes, neighbours, rule for ties, resamples.';
comment on column cbir.evaluation.spaces is 'One element for each space: encoders and families with their checksums and bandwidths, and all figures.';
comment on column cbir.evaluation.across_patients is '{"spaces", "notes", "folds", "predictions"}: what spaces find across patients and how near doses by neighbours come, by "pg-lsh evaluate", and why others were left out.';

-- Down Migration

drop schema space cascade;
drop schema cbir cascade;
