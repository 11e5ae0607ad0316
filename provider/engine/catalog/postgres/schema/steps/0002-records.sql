-- What accounts hold. `attributes` has every field that has no column, but wrapped keys. Declarations are ordered by
-- their bytes, so that all of a stack are one range. `follows`: sequence of the newest record of the same declaration
-- that whoever made this one knew of, 0 for none: of two that know of the same, one was made without knowing the other.

create sequence record_sequence as bigint;

create table creators (
  id bigint generated always as identity primary key,
  login text not null,
  host text not null check (length(host) <= 255),
  pid int not null,
  -- The process's start in its system's own count; '' where that isn't known.
  started_at text not null check (length(started_at) <= 100),
  beat_at timestamptz not null default clock_timestamp(),
  unique (login, host, pid, started_at)
);

create table images (
  id text primary key,
  sequence bigint not null unique,
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  created_at timestamptz(3) not null,
  declared_by text collate "C",
  creation_token text,
  seen boolean not null default false,
  follows bigint,
  creator bigint references creators (id),
  visibility text not null check (visibility = 'private'),
  converts text,
  attributes jsonb not null,
  -- Of its own: what stands in JSON is no way to an index under row-level security.
  name text collate "C" generated always as (attributes ->> 'name') stored,
  unique (creation_token, account_id)
);
create index images_of_account on images (account_id, name);
create unique index images_by_declaration on images (declared_by, account_id, follows);
create index images_converting on images (converts) where converts is not null;
create index images_creating on images (creator) where creator is not null;

create table instances (
  id text primary key,
  sequence bigint not null unique,
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  created_at timestamptz(3) not null,
  declared_by text collate "C",
  creation_token text,
  seen boolean not null default false,
  follows bigint,
  creator bigint references creators (id),
  attributes jsonb not null,
  unique (creation_token, account_id)
);
create index instances_of_account on instances (account_id);
create unique index instances_by_declaration on instances (declared_by, account_id, follows);
create index instances_creating on instances (creator) where creator is not null;

create table volumes (
  id text primary key,
  sequence bigint not null unique,
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  created_at timestamptz(3) not null,
  declared_by text collate "C",
  creation_token text,
  seen boolean not null default false,
  follows bigint,
  creator bigint references creators (id),
  attributes jsonb not null,
  unique (creation_token, account_id)
);
create index volumes_of_account on volumes (account_id);
create unique index volumes_by_declaration on volumes (declared_by, account_id, follows);
create index volumes_creating on volumes (creator) where creator is not null;

create table shares (
  id text primary key,
  sequence bigint not null unique,
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  created_at timestamptz(3) not null,
  declared_by text collate "C",
  creation_token text,
  seen boolean not null default false,
  follows bigint,
  creator bigint check (creator is null),
  image_id text not null references images (id),
  member_id text not null,
  member_account_id int not null references accounts (id),
  attributes jsonb not null,
  unique (image_id, member_id),
  unique (creation_token, account_id)
);
create index shares_of_account on shares (account_id);
create index shares_with_account on shares (member_account_id);
create unique index shares_by_declaration on shares (declared_by, account_id, follows);

-- No reference to the image: a deleted one leaves its exports.
create table exports (
  id text primary key,
  sequence bigint not null unique,
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  created_at timestamptz(3) not null,
  declared_by text collate "C",
  creation_token text,
  seen boolean not null default false,
  follows bigint,
  creator bigint references creators (id),
  image_id text not null,
  bucket_url text not null,
  attributes jsonb not null,
  unique (creation_token, account_id)
);
create index exports_of_account on exports (account_id);
create index exports_of_image on exports (image_id);
create index exports_to_bucket on exports (bucket_url);
create unique index exports_by_declaration on exports (declared_by, account_id, follows);
create index exports_creating on exports (creator) where creator is not null;

-- Names of objects in buckets, each with the one account whose exports have it. Folders are each machine's own.
create table export_names (
  bucket_url text not null,
  name text not null,
  file_format text not null,
  account_id int not null references accounts (id),
  primary key (bucket_url, name, file_format)
);

create table image_tags (
  image_id text not null references images (id) on delete cascade,
  key text not null,
  value text not null,
  account_id int not null,
  primary key (image_id, key)
);
create index tags_of_account on image_tags (account_id, key, value);
