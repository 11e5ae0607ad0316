-- Who sees which rows, and what else clients may do: call these functions, and nothing more.

alter table images enable row level security;
alter table instances enable row level security;
alter table volumes enable row level security;
alter table shares enable row level security;
alter table exports enable row level security;
alter table image_tags enable row level security;
alter table disk_references enable row level security;
alter table audit enable row level security;

-- Arrays that are worked out once a statement, so that indexes serve.
drop policy if exists visible on images;
create policy visible on images for select using (
  account_id = any ((select my_account_ids())::int[]) or id = any ((select shared_image_ids())::text[]));

drop policy if exists visible on instances;
create policy visible on instances for select using (account_id = any ((select my_account_ids())::int[]));

drop policy if exists visible on volumes;
create policy visible on volumes for select using (account_id = any ((select my_account_ids())::int[]));

drop policy if exists visible on shares;
create policy visible on shares for select using (
  account_id = any ((select my_account_ids())::int[])
  or member_account_id = any ((select my_account_ids())::int[]));

drop policy if exists visible on exports;
create policy visible on exports for select using (account_id = any ((select my_account_ids())::int[]));

drop policy if exists visible on image_tags;
create policy visible on image_tags for select using (
  account_id = any ((select my_account_ids())::int[]) or image_id = any ((select shared_image_ids())::text[]));

drop policy if exists visible on disk_references;
create policy visible on disk_references for select using (
  account_id = any ((select my_account_ids())::int[]) or image_id = any ((select shared_image_ids())::text[]));

drop policy if exists visible on audit;
create policy visible on audit for select using (account_id = any ((select my_account_ids())::int[]));

revoke all on schema images from public;
revoke all on all tables in schema images from public;
revoke all on all sequences in schema images from public;
revoke all on all functions in schema images from public;

grant usage on schema images to images_client;
grant select on images, instances, volumes, shares, exports, image_tags, disk_references, audit, wrapped_keys
  to images_client;
grant execute on function
  my_account_ids(), shared_image_ids(), my_roles(),
  settings(), schema_version(), accepted_shares(text, text),
  insert_record(text, jsonb, bigint), update_record(text, text, jsonb), delete_record(text, text), mark_seen(text[]),
  own_creator(text, int, text), beat(bigint), leave(bigint), creators(), sweep(bigint[]),
  discard_contents(text[]), discarded(), forget_contents(text[]),
  content(text), contents(), begin_content(text, jsonb), finish_content(text, jsonb),
  share_content(text, text, bigint), remove_content(text),
  master_key_list(), master_key(text), lock_master_keys(), put_master_key(jsonb), wrapped_by(text),
  rewrap(text, text, text, text)
to images_client;
