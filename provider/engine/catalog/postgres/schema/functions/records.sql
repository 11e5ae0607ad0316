-- Inserting, changing and deleting records: what holds for all kinds. A file beside this one has each kind's own rules.

-- Records of one kind: image, instance, volume, share, export. `creator`: the process that makes it, while it is
-- `creating`. `copies`: which of its disks stand whole at once, [{id, from?, objectId?, virtualBytes?, sizeBytes?,
-- checksum?}]: they read what `from` does, if that is still the object given, grown where more is asked for; or zeros.
-- Returns the record, dated and numbered.
create or replace function insert_record(kind text, record jsonb, creator bigint, copies jsonb default '[]')
returns jsonb language plpgsql security definer set search_path = images, pg_temp as $$
declare
  owner accounts;
  is_creating boolean;
  fresh text[] := '{}';
  inserted jsonb;
begin
  perform check_isolation();
  record := jsonb_strip_nulls(record);
  perform check_shape(kind, record);
  is_creating := coalesce(record ->> 'status' = 'creating', false);
  owner := own_account(record ->> 'region', record ->> 'account');
  if is_creating then
    perform check_creator(creator);
  end if;
  case kind
    when 'image' then fresh := check_new_image(owner, record);
    when 'instance' then fresh := check_new_instance(owner, record);
    when 'volume' then fresh := check_new_volume(owner, record);
    when 'share' then perform check_new_share(owner, record);
    when 'export' then perform check_new_export(owner, record);
  end case;
  if record ? 'kmsKeyId' then
    perform check_key(owner, record ->> 'kmsKeyId');
  end if;
  inserted := put_record(
    kind, owner, record, clock_timestamp(), case when is_creating then creator end, fresh, copies);
  perform note('insert', kind, record ->> 'id', title(kind, record), owner.id, record -> 'origin' ->> 'declaredBy');
  return inserted;
end $$;

-- Names of the fields that differ.
create or replace function differing(one jsonb, other jsonb) returns text[] language plpgsql immutable as $$
begin
  return (
    select coalesce(array_agg(key order by key), '{}')
    from (select jsonb_object_keys(one) union select jsonb_object_keys(other)) as keys (key)
    where one -> key is distinct from other -> key
  );
end $$;

-- The fields that may change, of a record in the making or done.
create or replace function changeable(kind text, is_creating boolean) returns text[] language plpgsql immutable as $$
begin
  return (
    select array['origin'] || case kind
      when 'image' then array[
        'name', 'tags', 'description', 'minDisk', 'minRam', 'maxRam', 'nicMultiqueue', 'sriovDriver']
        || case when is_creating
          then array['status', 'sizeBytes', 'checksum', 'scratch', 'kmsKeyId', 'wrappedKey'] else '{}' end
      when 'instance' then array[
        'name', 'tags', 'scratch', 'systemDisk', 'dataDisks', 'imageId', 'os', 'encrypted', 'kmsKeyId', 'wrappedKey',
        'source', 'lineage'] || case when is_creating then array['status'] else '{}' end
      when 'volume' then array['name', 'tags']
        || case when is_creating then array['status', 'scratch', 'kmsKeyId', 'wrappedKey'] else '{}' end
      when 'export' then array['objects'] || case when is_creating then array['status'] else '{}' end
      else '{}' end
  );
end $$;

-- Changes the fields given of a record; one given as null is taken out. Returns the record.
create or replace function update_record(kind text, of_id text, changes jsonb) returns jsonb
language plpgsql security definer set search_path = images, pg_temp as $$
declare
  before_row jsonb;
  before jsonb;
  after jsonb;
  was_creating boolean;
  changed text[];
  refused text[];
  owner accounts;
begin
  perform check_isolation();
  before_row := own_record(kind, of_id);
  if before_row is null then
    perform refuse('absent', format('there is no %s %s', kind, of_id));
  end if;
  before := as_record(before_row) || wrapped_field(kind, of_id);
  after := jsonb_strip_nulls(before || changes);
  changed := differing(before, after);
  if changed = '{}' then
    return before;
  end if;
  was_creating := before ->> 'status' = 'creating';
  select array_agg(field) into refused
  from unnest(changed) as field where field <> all (changeable(kind, was_creating));
  if refused is not null then
    perform refuse('never-changes', format(
      'of %s %s, %s never changes', kind, of_id, array_to_string(refused, ', ')));
  end if;
  perform check_shape(kind, after);
  owner := own_account(before ->> 'region', before ->> 'account');
  if kind = 'instance' then
    perform check_changed_instance(owner, before, after, changed);
  end if;
  perform write_record(
    kind, of_id, after, case when after ->> 'status' = 'creating' then (before_row ->> 'creator')::bigint end);
  if kind in ('image', 'instance', 'volume') then
    perform rename_contents(owner, kind, of_id, before, after);
    if changed && array['wrappedKey', 'kmsKeyId'] then
      perform check_key(owner, after ->> 'kmsKeyId');
      perform put_wrapped_key(kind, owner, of_id, after ->> 'kmsKeyId', after ->> 'wrappedKey');
    end if;
  end if;
  if kind = 'image' and 'tags' = any (changed) then
    delete from image_tags where image_id = of_id;
    perform tag_image(owner.id, of_id, after -> 'tags');
  end if;
  perform note('update', kind, of_id, title(kind, after), owner.id, after -> 'origin' ->> 'declaredBy', changed);
  return after;
end $$;

create or replace function rename_contents(owner accounts, kind text, of_id text, before jsonb, after jsonb)
returns void language plpgsql as $$
declare
  had constant text[] := contents_of(kind, before);
  has constant text[] := contents_of(kind, after);
  added constant text[] := array(select unnest(has) except select unnest(had));
  gone text;
begin
  if had <> has then
    perform name_contents(
      owner, kind, of_id, added, case when kind = 'image' then snapshots_of(after) else '{}' end, fresh => '{}');
    foreach gone in array array(select unnest(had) except select unnest(has) order by 1) loop
      delete from disk_references where disk_id = gone
        and of_id = case kind when 'image' then image_id when 'instance' then instance_id else volume_id end;
    end loop;
  end if;
end $$;

-- Deletes a record of the caller's; does nothing where there is none. Contents that nothing else names are discarded.
create or replace function delete_record(kind text, of_id text) returns void language plpgsql
security definer set search_path = images, pg_temp as $$
declare
  found_row jsonb;
begin
  perform check_isolation();
  found_row := own_record(kind, of_id);
  if found_row is null then
    return;
  end if;
  case kind
    when 'image' then perform check_deleted_image(of_id);
    when 'instance' then perform check_not_being_frozen(of_id);
    else null;
  end case;
  perform remove_record(kind, of_id, 'delete');
end $$;

create or replace function remove_record(kind text, of_id text, action text) returns void language plpgsql as $$
declare
  gone record;
begin
  delete from data_keys where data_keys.kind = remove_record.kind and record_id = of_id;
  if kind = 'image' then
    perform give_places(account_id, id) from images where id = of_id;
  end if;
  case kind
    when 'image' then delete from images where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
    when 'instance' then delete from instances where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
    when 'volume' then delete from volumes where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
    when 'share' then delete from shares where id = of_id
      returning account_id, declared_by, format('%s with %s', image_id, member_id) as name into gone;
    when 'export' then delete from exports where id = of_id
      returning account_id, declared_by, attributes ->> 'name' as name into gone;
  end case;
  perform note(action, kind, of_id, gone.name, gone.account_id, gone.declared_by);
end $$;

-- Marks records of the caller's as seen by a later run.
create or replace function mark_seen(tokens text[]) returns void language plpgsql security definer
set search_path = images, pg_temp as $$
declare
  mine constant int[] := my_account_ids();
begin
  update images set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update instances set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update volumes set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update shares set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
  update exports set seen = true where creation_token = any (tokens) and not seen and account_id = any (mine);
end $$;
