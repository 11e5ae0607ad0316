-- Contents of disks, and the sealed objects of the bucket that they read from.

create table objects (
  id text primary key check (id ~ '^[0-9a-f]{32}$'),
  account_id int not null references accounts (id),
  -- Opens only with the data key of its record too.
  locked boolean not null,
  wrapped_key text not null check (length(wrapped_key) <= 4000),
  -- A hash of what it is sealed from, where that is worth finding again.
  made_of text check (made_of ~ '^[0-9a-f]{64}$'),
  -- Both from the moment that it stands whole.
  stored_bytes bigint check (stored_bytes >= 0),
  digest text check (length(digest) <= 200)
);
create index objects_of_account on objects (account_id);
create index objects_made_of on objects (account_id, made_of) where made_of is not null;

-- A record's naming it makes it; it goes when no record names it and its object is removed.
create table contents (
  id text primary key,
  region text not null,
  account text not null,
  account_id int not null references accounts (id),
  object_id text references objects (id),
  -- From the moment that it is whole.
  virtual_bytes bigint check (virtual_bytes >= 0),
  -- What it is counted for.
  size_bytes bigint check (size_bytes >= 0),
  checksum text check (length(checksum) <= 200),
  discarded boolean not null default false,
  -- It was taken out before it was whole, and what is sent of it is kept for a while.
  cut_off_at timestamptz
);
create index contents_of_account on contents (account_id);
create index contents_of_object on contents (object_id) where object_id is not null;
create index contents_discarded on contents (account_id) where discarded;

-- Contents that a record of another account names no more. Their owner looks whether anyone does: whoever else took them
-- away would have to lock what is the owner's, for as long as it likes.
create table released_contents (
  content_id text not null,
  account_id int not null
);
create index released_by_account on released_contents (account_id);

-- Which record names which content; exactly one of the three stands.
create table disk_references (
  disk_id text not null references contents (id),
  snapshot smallint not null,
  image_id text references images (id) on delete cascade,
  instance_id text references instances (id) on delete cascade,
  volume_id text references volumes (id) on delete cascade,
  region text not null,
  account text not null,
  account_id int not null,
  check (num_nonnulls(image_id, instance_id, volume_id) = 1)
);
create index references_of_disk on disk_references (disk_id);
create index references_of_account on disk_references (account_id);
create unique index references_of_image on disk_references (image_id, disk_id) where image_id is not null;
create unique index references_of_instance on disk_references (instance_id, disk_id) where instance_id is not null;
create unique index references_of_volume on disk_references (volume_id, disk_id) where volume_id is not null;
create index snapshots_of_account on disk_references (account_id, disk_id) where snapshot = 1;
