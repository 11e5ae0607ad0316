-- What images keep to, beyond what holds for all records.

-- An image that the account may make something of: its own, one that its region offers, or one shared with it. In this
-- order: nobody puts an image in the place of one that is offered.
create or replace function visible_image(owner accounts, of_id text) returns jsonb language plpgsql as $$
declare
  found_row images;
  offered jsonb;
begin
  select * into found_row from images where id = of_id and region = owner.region;
  if found_row.account_id = owner.id then
    return as_record(to_jsonb(found_row));
  end if;
  select record into offered from offered_images where id = of_id and region = owner.region;
  if offered is null and exists (select from shares where image_id = found_row.id and member_account_id = owner.id) then
    return as_record(to_jsonb(found_row));
  end if;
  return offered;
end $$;

-- The account's own image, active, locked against deletion and against what others do with it at the same time.
create or replace function own_active_image(owner accounts, of_id text, done text) returns jsonb
language plpgsql as $$
declare
  found_row images;
begin
  select * into found_row from images where id = of_id for no key update;
  if not found or found_row.region <> owner.region
    or found_row.account_id <> owner.id and visible_image(owner, of_id) is null then
    perform refuse('source-absent', format('there is no image %s', of_id));
  elsif found_row.account_id <> owner.id then
    perform refuse('source-not-yours', format(
      'image %s belongs to account %s, and only its owner has it %s', of_id, found_row.account, done));
  elsif found_row.attributes ->> 'status' <> 'active' then
    perform refuse('source-not-active', format('image %s isn''t active', of_id));
  end if;
  return as_record(to_jsonb(found_row));
end $$;

-- Returns the contents that are nobody's before.
create or replace function check_new_image(owner accounts, record jsonb) returns text[] language plpgsql as $$
declare
  of_id constant text := record ->> 'id';
  source constant jsonb := record -> 'source';
  parent jsonb;
  held text[] := '{}';
begin
  perform from offered_images where id = of_id;
  if found then
    perform refuse('id-taken', format('there is another image %s', of_id));
  end if;
  case source ->> 'type'
    when 'file' then perform check_image_of_file(record);
    when 'instance' then perform check_image_of_instance(owner, record);
    when 'volume' then perform check_image_of_volume(owner, record);
    when 'image' then
      if source -> 'conversion' = 'true' then
        parent := own_active_image(owner, source ->> 'id', 'converted');
        perform check_conversion(parent, record);
        held := snapshots_of(parent);
      else
        parent := own_active_image(owner, source ->> 'id', 'replicated');
        perform check_replica(parent, record);
      end if;
  end case;
  return array(
    select jsonb_array_elements_text(jsonb_path_query_array(record, '$.deviceMappings[*].id')
      || case when record ->> 'imageType' = 'full' then next_disks_of(record) else '[]' end)
    except select unnest(held));
end $$;

-- Those that the instance of a full image goes on with: the first of what it names besides its own.
create or replace function next_disks_of(record jsonb) returns jsonb language sql immutable as $$
  select case when record -> 'source' ->> 'type' = 'instance' then jsonb_path_query_array(
    record, '$.scratch[0 to $last]', jsonb_build_object('last', jsonb_array_length(record -> 'deviceMappings') - 1)
  ) else '[]' end
$$;

create or replace function check_architecture(record jsonb, expected text, source text) returns void
language plpgsql as $$
begin
  if record -> 'architectures' <> jsonb_build_array(expected) then
    perform refuse('wrong-architecture', format('an image made of %s is %s', source, expected));
  end if;
end $$;

create or replace function check_image_of_file(record jsonb) returns void language plpgsql as $$
begin
  if record ->> 'imageType' = 'full' then
    perform refuse('wrong-image-type', 'a file holds no full image');
  end if;
  perform check_architecture(
    record, case when record ->> 'imageType' = 'data' then 'cloudDisk' else 'localDisk' end, 'a file');
end $$;

create or replace function check_image_of_instance(owner accounts, record jsonb) returns void language plpgsql as $$
declare
  of_id constant text := record -> 'source' ->> 'id';
  is_full constant boolean := record ->> 'imageType' = 'full';
  instance instances;
begin
  if is_full then
    -- Frozen by one at a time, and not changed or deleted meanwhile.
    perform from instances where id = of_id and account_id = owner.id for no key update;
  end if;
  select * into instance from instances where id = of_id and account_id = owner.id;
  if not found then
    perform refuse('source-absent', format('account %s has no instance %s', owner.name, of_id));
  elsif instance.attributes ->> 'status' <> 'running' then
    perform refuse('source-not-active', format('instance %s isn''t running', of_id));
  end if;
  perform check_architecture(record, instance.attributes ->> 'architecture', format('instance %s', of_id));
  perform check_stays_encrypted(instance.attributes, record, format('instance %s', of_id));
  if is_full and (record -> 'encrypted')::boolean then
    perform refuse('wrong-encryption', 'a full image isn''t encrypted');
  elsif is_full then
    perform check_not_being_frozen(of_id);
  end if;
end $$;

create or replace function check_image_of_volume(owner accounts, record jsonb) returns void language plpgsql as $$
declare
  of_id constant text := record -> 'source' ->> 'id';
  volume volumes;
begin
  select * into volume from volumes where id = of_id and account_id = owner.id;
  if not found then
    perform refuse('source-absent', format('account %s has no volume %s', owner.name, of_id));
  elsif volume.attributes ->> 'status' <> 'available' then
    perform refuse('source-not-active', format('volume %s isn''t available', of_id));
  elsif record ->> 'imageType' = 'full' then
    perform refuse('wrong-image-type', 'a volume makes no full image');
  end if;
  perform check_architecture(record, 'cloudDisk', format('volume %s', of_id));
  perform check_stays_encrypted(volume.attributes, record, format('volume %s', of_id));
end $$;

create or replace function check_stays_encrypted(source jsonb, record jsonb, described text) returns void
language plpgsql as $$
begin
  if source -> 'encrypted' <> record -> 'encrypted' then
    perform refuse('wrong-encryption', format('an image is encrypted exactly where %s is', described));
  end if;
end $$;

-- From localDisk to cloudDisk, one at a time; there is no way back.
create or replace function check_conversion(parent jsonb, record jsonb) returns void language plpgsql as $$
declare
  described constant text := format('image %s', parent ->> 'id');
begin
  if parent -> 'architectures' <> '["localDisk"]' then
    perform refuse('wrong-architecture', format('%s isn''t localDisk: there is nothing to convert', described));
  elsif parent ->> 'imageType' = 'data' or parent ->> 'imageType' <> record ->> 'imageType' then
    perform refuse('wrong-image-type', format('a conversion keeps the type of %s', described));
  end if;
  perform check_architecture(record, 'cloudDisk', format('%s by converting it', described));
  perform check_stays_encrypted(parent, record, described);
  perform from images where converts = parent ->> 'id' and is_running(creator);
  if found then
    perform refuse('being-converted', format('%s is being converted', described));
  end if;
end $$;

create or replace function check_replica(parent jsonb, record jsonb) returns void language plpgsql as $$
declare
  described constant text := format('image %s', parent ->> 'id');
begin
  if parent ->> 'imageType' <> record ->> 'imageType' then
    perform refuse('wrong-image-type', format('a replica keeps the type of %s', described));
  elsif parent -> 'architectures' <> record -> 'architectures' then
    perform refuse('wrong-architecture', format('a replica keeps the architecture of %s', described));
  elsif record ->> 'imageType' = 'full' and (record -> 'encrypted')::boolean then
    perform refuse('wrong-encryption', 'a full image isn''t encrypted');
  end if;
end $$;

create or replace function check_deleted_image(of_id text) returns void language plpgsql as $$
begin
  perform from shares where image_id = of_id;
  if found then
    perform refuse('has-members', format('image %s is shared', of_id));
  end if;
  perform from images where converts = of_id and is_running(creator);
  if found then
    perform refuse('has-conversions', format('image %s is being converted', of_id));
  end if;
  perform from exports where image_id = of_id and is_running(creator);
  if found then
    perform refuse('has-exports', format('image %s is being exported', of_id));
  end if;
end $$;
