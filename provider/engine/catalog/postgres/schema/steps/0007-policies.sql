-- An account sees its own rows; what is shared with it comes by functions (shared.sql). Each array is worked out once a
-- statement, so that indexes serve.

-- All of them, so that a privilege given by mistake shows nothing.
do $$
declare
  each regclass;
begin
  for each in select oid from pg_catalog.pg_class where relnamespace = 'images'::regnamespace and relkind = 'r' loop
    execute format('alter table %s enable row level security', each);
  end loop;
end $$;

create policy own on images for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on instances for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on volumes for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on shares for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on exports for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on image_tags for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on disk_references for select using (account_id = any ((select my_account_ids())::int[]));

create policy own on audit for select using (account_id = any ((select my_account_ids())::int[]));

-- The data keys of the caller's own encrypted records, under keys that are enabled.
create view wrapped_keys with (security_barrier) as
  select wrapped.kind, wrapped.record_id, wrapped.key_id, wrapped.wrapped_key
  from data_keys as wrapped join master_keys as key on key.id = wrapped.key_id
  where wrapped.account_id = any ((select my_account_ids())::int[])
    and not key.disabled and not key.destroyed and key.deleted_at is null;

revoke all on schema images from public;
revoke all on all tables in schema images from public;
revoke all on all sequences in schema images from public;
grant usage on schema images to images_client;
grant select on images, instances, volumes, shares, exports, image_tags, disk_references, audit, wrapped_keys
  to images_client;
