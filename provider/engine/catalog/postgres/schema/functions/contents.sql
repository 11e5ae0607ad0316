-- Which contents records name. A content that no record names any more is discarded, whoever forgot to.

-- What is sent of a content that was cut off is kept for a day, by the server's clock, for another content of the
-- account that is made of the same.
create or replace function is_kept(content contents) returns boolean language sql volatile as $$
  select coalesce(content.cut_off_at > clock_timestamp() - interval '1 day', false)
$$;

-- IDs of the contents that a record names, those that its own are based on included.
create or replace function contents_of(kind text, record jsonb) returns text[] language plpgsql immutable as $$
declare
  named constant jsonb := case kind
    when 'image' then jsonb_path_query_array(record, '$.deviceMappings[*].id')
      || jsonb_path_query_array(record, '$.deviceMappings[*].basedOn[*]')
    when 'instance' then jsonb_path_query_array(record, '$.systemDisk.id')
      || jsonb_path_query_array(record, '$.systemDisk.basedOn[*]')
      || jsonb_path_query_array(record, '$.dataDisks[*].id')
      || jsonb_path_query_array(record, '$.dataDisks[*].basedOn[*]')
    when 'volume' then jsonb_path_query_array(record, '$.disk.id')
      || jsonb_path_query_array(record, '$.disk.basedOn[*]')
    end || jsonb_path_query_array(record, '$.scratch[*]');
begin
  return array(select distinct jsonb_array_elements_text(named) order by 1);
end $$;

create or replace function snapshots_of(record jsonb) returns text[] language plpgsql immutable as $$
begin
  return array(
    select distinct jsonb_path_query(record, '$.deviceMappings[*] ? (@.kind == "snapshot").id') #>> '{}');
end $$;

-- Whether a record of the account, or an image that is shared with it, names the content.
create or replace function may_name(of_account int, disk text) returns boolean language plpgsql volatile as $$
begin
  return (
    select exists (
      select from disk_references where disk_id = disk and (
        account_id = of_account
        or image_id in (select image_id from shares where member_account_id = of_account)
      )
    )
  );
end $$;

-- Those that don't stand.
create or replace function absent_contents(disks text[]) returns text[] language plpgsql volatile as $$
declare
  disk text;
  absent text[] := '{}';
begin
  foreach disk in array disks loop
    perform from contents where id = disk;
    if not found then
      absent := absent || disk;
    end if;
  end loop;
  return absent;
end $$;

-- Writes down that the record names these contents. `fresh` ones are nobody's before, and become the account's; all
-- others stand. `copies`, as insert_record has them, are whole at once. Contents of the account's own are held until the
-- naming is seen, those of each call in the order of their IDs. Another account's aren't, for nobody holds up whoever
-- owns them: see `discard`.
create or replace function name_contents(
  owner accounts, kind text, record_id text, disks text[], snapshots text[], fresh text[], copies jsonb default '[]'
) returns void language plpgsql as $$
declare
  of_id text;
  lent text[] := '{}';
begin
  if not disks <@ fresh then
    lent := hold_standing(owner, array(select unnest(disks) except select unnest(fresh) order by 1));
  end if;
  -- Whoever an image is shared with may read what it names.
  if kind = 'image' and lent <> '{}' then
    perform refuse('content-not-yours', format('image %s would name contents of another account', record_id));
  end if;
  if jsonb_array_length(copies) > 1 then
    perform from contents where id in (select copy ->> 'from' from jsonb_array_elements(copies) as copy)
      and account_id = owner.id order by id for share;
  end if;
  foreach of_id in array fresh loop
    perform begin_naming(
      owner, of_id, jsonb_path_query_first(copies, '$[*] ? (@.id == $id)', jsonb_build_object('id', of_id)));
  end loop;
  insert into disk_references (disk_id, snapshot, image_id, instance_id, volume_id, region, account, account_id)
  select
    disk, (disk = any (snapshots))::int,
    case kind when 'image' then record_id end,
    case kind when 'instance' then record_id end,
    case kind when 'volume' then record_id end,
    owner.region, owner.name, owner.id
  from unnest(disks) as disk;
  if lent <> '{}' then
    -- From the references on its owner sees that it is named; until then it may have gone.
    perform from contents where id = any (lent) and discarded;
    if found then
      perform refuse('content-discarded', format('of contents %s, one is discarded', lent));
    end if;
  end if;
end $$;

-- Holds the contents that stand and that a record of the account may name; returns those of other accounts.
create or replace function hold_standing(owner accounts, disks text[]) returns text[] language plpgsql as $$
declare
  disk text;
  standing contents;
  lent text[] := '{}';
begin
  foreach disk in array disks loop
    select * into standing from contents where id = disk and account_id = owner.id for share;
    if not found then
      select * into standing from contents where id = disk;
      lent := lent || disk;
    end if;
    if not found or standing.account_id <> owner.id and not may_name(owner.id, disk) then
      perform refuse('content-absent', format('there is no content %s', disk));
    elsif standing.discarded then
      perform refuse('content-discarded', format('content %s is discarded', disk));
    end if;
  end loop;
  return lent;
end $$;

-- Makes a content of the account's: empty, or as the copy says that is given. IDs of what the region offers can be known
-- before it is offered.
create or replace function begin_naming(owner accounts, of_id text, copy jsonb) returns void language plpgsql as $$
declare
  source contents;
  bytes constant bigint := copy ->> 'virtualBytes';
  checksum text := copy ->> 'checksum';
begin
  if of_id like 'offered-%' then
    perform refuse('malformed', format('content %s would be the region''s own', of_id));
  elsif copy ? 'from' then
    source := copied_content(owner, copy);
    checksum := case when source.virtual_bytes >= coalesce(bytes, 0) then source.checksum end;
  end if;
  insert into contents (id, region, account, account_id, object_id, virtual_bytes, size_bytes, checksum) values (
    of_id, owner.region, owner.name, owner.id, source.object_id, greatest(source.virtual_bytes, bytes),
    coalesce((copy ->> 'sizeBytes')::bigint, source.size_bytes), checksum
  ) on conflict do nothing;
  if not found then
    perform refuse('content-not-yours', format(
      'content %s stands already, and what is made has its own', of_id));
  end if;
end $$;

-- What another content of the account is to read from, held, where it is as whoever copies it has seen it.
create or replace function copied_content(owner accounts, copy jsonb) returns contents language plpgsql as $$
declare
  from_id constant text := copy ->> 'from';
  source contents;
begin
  select * into source from contents where id = from_id and account_id = owner.id for share;
  if not found then
    perform refuse_copy(owner, from_id);
  elsif source.discarded then
    perform refuse('content-discarded', format('content %s is discarded', from_id));
  elsif source.virtual_bytes is null then
    perform refuse('content-absent', format('content %s isn''t whole', from_id));
  elsif copy ? 'objectId' and copy ->> 'objectId' is distinct from source.object_id then
    perform refuse('content-changed', format('content %s reads from another object by now', from_id));
  end if;
  return source;
end $$;

-- Tells no more of what isn't the account's than the account sees.
create or replace function refuse_copy(owner accounts, from_id text) returns void language plpgsql as $$
begin
  if may_name(owner.id, from_id) then
    perform refuse('not-yours', format('content %s belongs to another account', from_id));
  end if;
  perform refuse('content-absent', format('there is no content %s', from_id));
end $$;

-- Of contents that the caller's transaction holds and no record names: discards them, but those that a record of another
-- account is just naming. Nobody waits for that one; they are noted instead.
create or replace function discard(ids text[]) returns void language plpgsql as $$
declare
  unnamed constant text[] := array(
    select id from contents
    where id = any (ids) and not discarded and not exists (select from disk_references where disk_id = contents.id));
begin
  if unnamed = '{}' then
    return;
  end if;
  update contents set discarded = true
  where id in (select id from contents where id = any (unnamed) for update skip locked);
  insert into released_contents (content_id, account_id)
  select id, account_id from contents where id = any (unnamed) and not discarded
    and not exists (select from released_contents where content_id = contents.id);
end $$;

-- At commit, so that contents may go from one record to another within a transaction.
create or replace function discard_unnamed() returns trigger language plpgsql security definer
set search_path = images, pg_temp as $$
begin
  -- Then only look: whoever of the account names it at the same time holds it until that is seen.
  perform from contents where id = old.disk_id and account_id = old.account_id for no key update;
  if found then
    perform discard(array[old.disk_id]);
  else
    insert into released_contents (content_id, account_id)
    select id, account_id from contents where id = old.disk_id and not discarded
      and not exists (select from released_contents where content_id = old.disk_id);
  end if;
  return null;
end $$;

-- Discards those of the caller's that no record names, and returns them.
create or replace function discard_contents(ids text[]) returns text[] language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  perform check_isolation();
  perform discard(array(
    select id from contents where id = any (ids) and account_id = any (mine) order by id for no key update));
  return (
    select coalesce(array_agg(distinct given.id), '{}')
    from unnest(ids) as given (id) left join contents using (id)
    where contents.id is null or contents.discarded and account_id = any (mine)
  );
end $$;

-- Contents of the caller's that no record names and that weren't forgotten yet.
create or replace function discarded() returns setof text language plpgsql stable security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  return query
  select id from contents where discarded and not is_kept(contents) and account_id = any (mine)
  union
  select content_id from released_contents where account_id = any (mine)
    and not exists (select from disk_references where disk_id = content_id)
    and not exists (select from contents where id = content_id and discarded);
end $$;

-- Takes discarded contents off the list, and objects with the last content that reads from them. Those that a record of
-- another account is just naming stay for the next time.
create or replace function forget_contents(ids text[]) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
  unnamed constant text[] := array(
    select id from contents where id = any (ids) and discarded and not is_kept(contents) and account_id = any (mine)
      and not exists (select from disk_references where disk_id = contents.id)
    for update skip locked);
begin
  perform check_isolation();
  with gone as (
    delete from contents where id = any (unnamed) returning id, object_id
  )
  delete from objects where id in (select object_id from gone)
    and not exists (select from contents where object_id = objects.id and id not in (select id from gone));
  delete from released_contents where content_id = any (ids) and account_id = any (mine)
    and not exists (select from contents where id = content_id);
end $$;
