-- Where a content stands: in which object of the bucket, and what opens that.

create or replace function as_object(object objects) returns jsonb language sql stable as $$
  select jsonb_build_object('objectId', object.id, 'locked', object.locked,
    'wrappedBy', regexp_replace(object.wrapped_key, '\.[^.]*$', ''), 'wrappedKey', (
      select object.wrapped_key from master_keys as key
      where key.id = split_part(object.wrapped_key, '.', 2) and is_enabled(key)))
    || case when object.digest is null then '{}'::jsonb
      else jsonb_build_object('storedBytes', object.stored_bytes, 'digest', object.digest) end
$$;

-- {state: named | writing | whole}, with whose it is and what it has in that state. `wrappedKey` is null while its
-- master key is disabled; `wrappedBy` tells which that is.
create or replace function as_entry(content contents) returns jsonb language plpgsql stable as $$
declare
  object objects;
  entry constant jsonb := jsonb_build_object(
    'id', content.id, 'region', content.region, 'account', content.account);
begin
  select * into object from objects where id = content.object_id;
  if content.virtual_bytes is not null then
    return entry || jsonb_build_object('state', 'whole', 'virtualBytes', content.virtual_bytes,
        'sizeBytes', coalesce(content.size_bytes, object.stored_bytes, 0))
      || case when object.id is null then '{}'::jsonb else jsonb_build_object('object', as_object(object)) end
      || case when content.checksum is null then '{}'::jsonb
        else jsonb_build_object('checksum', content.checksum) end;
  elsif object.id is not null then
    return entry || '{"state": "writing"}' || as_object(object);
  end if;
  return entry || '{"state": "named"}';
end $$;

-- Mine, named by a record that I see, or of an image that is offered to all.
create or replace function sees_content(content contents) returns boolean language plpgsql stable as $$
begin
  if content.discarded then
    return false;
  elsif is_mine(content.account_id) or content.account = '@operator' then
    return true;
  end if;
  return exists (
    select from disk_references where disk_id = content.id and (
      account_id = any ((select my_account_ids())::int[]) or image_id = any ((select shared_image_ids())::text[])));
end $$;

create or replace function content(of_id text) returns jsonb language plpgsql stable security definer
set search_path = images, pg_temp as $$
declare
  standing contents;
begin
  select * into standing from contents where id = of_id;
  return case when found and sees_content(standing) then as_entry(standing) end;
end $$;

create or replace function contents() returns setof jsonb language plpgsql stable security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
  lent constant text[] := shared_image_ids();
  offering constant int[] := array(select id from accounts where name = '@operator');
begin
  return query select as_entry(contents) from contents where (not discarded or is_kept(contents)) and id = any (array(
    select id from contents where account_id = any (mine || offering)
    union select disk_id from disk_references where account_id = any (mine) or image_id = any (lent)
  ));
end $$;

-- The caller's that are for `remove_content` and `forget_contents`.
create or replace function discarded_contents() returns setof jsonb language plpgsql stable security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
  ids constant text[] := array(select discarded());
begin
  return query select jsonb_strip_nulls(jsonb_build_object(
    'id', id, 'region', region, 'account', account, 'objectId', object_id))
  from contents where id = any (ids) and account_id = any (mine);
end $$;

create or replace function check_own_content(content contents, of_id text) returns void language plpgsql as $$
begin
  if content.id is not null and not content.discarded and is_mine(content.account_id) then
    return;
  elsif content.id is null or not sees_content(content) then
    perform refuse('content-absent', format('there is no content %s', of_id));
  else
    perform refuse('not-yours', format('content %s belongs to account %s', of_id, content.account));
  end if;
end $$;

-- The caller's own content that no other process changes meanwhile.
create or replace function own_content(of_id text) returns contents language plpgsql as $$
declare
  content contents;
begin
  perform check_isolation();
  select * into content from contents where id = of_id for no key update;
  perform check_own_content(content, of_id);
  return content;
end $$;

-- The same, where many may read from it at a time.
create or replace function own_source(of_id text) returns contents language plpgsql as $$
declare
  content contents;
begin
  perform check_isolation();
  select * into content from contents where id = of_id for share;
  perform check_own_content(content, of_id);
  return content;
end $$;

create or replace function is_object_draft(draft jsonb) returns boolean language sql immutable as $$
  select coalesce(draft ->> 'objectId' ~ '^[0-9a-f]{32}$' and is_text(draft -> 'wrappedKey')
    and jsonb_typeof(draft -> 'locked') = 'boolean'
    and (not draft ? 'madeOf' or draft ->> 'madeOf' ~ '^[0-9a-f]{64}$'), false)
$$;

-- Gives a content what was begun of another one of the account that was to be made of the same and was cut off.
create or replace function take_over(content contents, draft jsonb) returns objects language plpgsql as $$
declare
  cut_off contents;
  object objects;
begin
  select contents.* into cut_off from contents join objects on objects.id = object_id
  where contents.account_id = content.account_id and discarded and is_kept(contents)
    and made_of = draft ->> 'madeOf' and locked = (draft -> 'locked')::boolean
  order by cut_off_at desc limit 1 for update of contents skip locked;
  if found then
    delete from contents where id = cut_off.id;
    update contents set object_id = cut_off.object_id where id = content.id;
    select * into object from objects where id = cut_off.object_id;
  end if;
  return object;
end $$;

-- From named to writing. What is being written keeps what it began with, and this returns that. `madeOf` in the draft:
-- a hash of what it is sealed from; `isTakenOver` in the answer: another content began it.
create or replace function begin_content(of_id text, draft jsonb) returns jsonb language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  content constant contents := own_content(of_id);
  object objects;
begin
  if content.virtual_bytes is not null then
    perform refuse('content-whole', format('content %s stands already', of_id));
  elsif content.object_id is not null then
    select * into object from objects where id = content.object_id;
    return as_object(object);
  end if;
  if not is_object_draft(draft) then
    perform refuse('malformed', 'this is no beginning of an object');
  end if;
  object := take_over(content, draft);
  if object.id is not null then
    return as_object(object) || '{"isTakenOver": true}';
  end if;
  perform from master_keys as key where id = split_part(draft ->> 'wrappedKey', '.', 2)
    and account_id = content.account_id and is_enabled(key);
  if not found then
    perform refuse('key-unusable', format('account %s has no such sealing key that is enabled', content.account));
  end if;
  insert into objects (id, account_id, locked, wrapped_key, made_of)
  values (draft ->> 'objectId', content.account_id, (draft -> 'locked')::boolean, draft ->> 'wrappedKey',
    draft ->> 'madeOf')
  returning * into object;
  update contents set object_id = object.id where id = of_id;
  return as_object(object);
exception when unique_violation then
  perform refuse('id-taken', format('there is another object %s', draft ->> 'objectId'));
end $$;

-- To whole: from named without an object, or from writing with the one that it began. A whole one never changes.
create or replace function finish_content(of_id text, whole jsonb) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  content constant contents := own_content(of_id);
  bytes constant bigint := (whole -> 'virtualBytes')::bigint;
  given constant jsonb := whole -> 'object';
begin
  if content.object_id is distinct from given ->> 'objectId' then
    perform refuse('content-whole', format('content %s was begun with another object', of_id));
  elsif content.virtual_bytes is not null then
    perform from contents left join objects on objects.id = object_id
    where contents.id = of_id and virtual_bytes = bytes and digest is not distinct from given ->> 'digest';
    if not found then
      perform refuse('content-whole', format('content %s stands already', of_id));
    end if;
    return;
  elsif given is not null then
    if not is_number(given -> 'storedBytes') or not is_text(given -> 'digest') then
      perform refuse('malformed', 'this is no whole object');
    end if;
    update objects set stored_bytes = (given -> 'storedBytes')::bigint, digest = given ->> 'digest'
    where id = content.object_id;
  end if;
  update contents
  set virtual_bytes = bytes, size_bytes = (whole -> 'sizeBytes')::bigint, checksum = whole ->> 'checksum'
  where id = of_id;
end $$;

-- Adds what was found to be the checksum of a whole content of the caller's, where none is known and it isn't locked.
create or replace function keep_checksum(of_id text, found_checksum text) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  perform check_isolation();
  update contents set checksum = found_checksum
  where id = of_id and account_id = any ((select my_account_ids())::int[])
    and not discarded and virtual_bytes is not null and checksum is null
    and not exists (select from objects where objects.id = object_id and locked);
end $$;

-- From named to whole with the object of another content of the same account, grown where more is asked for, and
-- counted for as much where nothing else is said.
create or replace function share_content(
  from_id text, of_id text, at_least bigint default 0, counted bigint default null
) returns jsonb
language plpgsql security definer set search_path = images, pg_temp as $$
declare
  source contents;
  content contents;
begin
  -- In order of ID, as everyone locks them.
  if from_id < of_id then
    source := own_source(from_id);
    content := own_content(of_id);
  else
    content := own_content(of_id);
    source := own_source(from_id);
  end if;
  if source.virtual_bytes is null then
    perform refuse('content-absent', format('content %s isn''t whole', from_id));
  elsif source.account_id <> content.account_id then
    perform refuse('not-yours', format('content %s belongs to account %s', from_id, source.account));
  elsif content.virtual_bytes is not null or content.object_id is not null then
    perform refuse('content-whole', format('content %s stands already', of_id));
  end if;
  update contents set object_id = source.object_id, virtual_bytes = greatest(source.virtual_bytes, at_least),
    size_bytes = coalesce(counted, source.size_bytes),
    checksum = case when source.virtual_bytes >= at_least then source.checksum end
  where id = of_id returning * into content;
  return as_entry(content) - array['id', 'region', 'account', 'state'];
end $$;

-- From named to whole, of so many bytes, with an object of the same account that was sealed from the same; null where
-- there is none.
create or replace function share_made_of(of_id text, hash text, bytes bigint) returns jsonb
language plpgsql security definer set search_path = images, pg_temp as $$
declare
  content contents := own_content(of_id);
  source contents;
begin
  if content.virtual_bytes is not null or content.object_id is not null then
    perform refuse('content-whole', format('content %s stands already', of_id));
  end if;
  select contents.* into source from objects join contents on object_id = objects.id
  where objects.account_id = content.account_id and made_of = hash and not locked
    and not discarded and virtual_bytes <= bytes
  order by virtual_bytes desc limit 1 for share of contents skip locked;
  if not found then
    return null;
  end if;
  update contents set object_id = source.object_id, virtual_bytes = bytes,
    size_bytes = (select stored_bytes from objects where id = source.object_id),
    checksum = case when source.virtual_bytes = bytes then source.checksum end
  where id = of_id returning * into content;
  return as_entry(content) - array['id', 'region', 'account', 'state'];
end $$;

-- Takes out a content of the caller's that no record names. Returns the object that nothing else reads from now,
-- unless it is kept.
create or replace function remove_content(of_id text) returns jsonb language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  content contents;
begin
  perform check_isolation();
  select * into content from contents
  where id = of_id and account_id = any ((select my_account_ids())::int[]) for no key update;
  if not found then
    return null;
  end if;
  perform from disk_references where disk_id = of_id;
  if found then
    perform refuse('content-named', format('a record names content %s', of_id));
  end if;
  perform discard(array[of_id]);
  -- What a region offers is found again by its ID.
  update contents set cut_off_at = coalesce(cut_off_at, case when discarded and virtual_bytes is null
    and account <> '@operator' and exists (select from objects where id = object_id and made_of is not null) then clock_timestamp() end)
  where id = of_id returning * into content;
  perform from contents where object_id = content.object_id and not discarded;
  if found or content.object_id is null or is_kept(content) then
    return null;
  end if;
  return jsonb_build_object(
    'region', content.region, 'account', content.account, 'objectId', content.object_id,
    'state', case when content.virtual_bytes is null then 'writing' else 'whole' end);
end $$;
