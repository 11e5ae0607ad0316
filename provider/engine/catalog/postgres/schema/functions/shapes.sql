-- What every record has, so that whoever sees it can read it.

create or replace function is_text(value jsonb) returns boolean language sql immutable as $$
  select coalesce(jsonb_typeof(value) = 'string', false)
$$;

-- What others' terminals show: no control characters, no separators of lines, no directions of writing.
create or replace function is_line(value jsonb, most int) returns boolean language sql immutable as $$
  select is_text(value) and length(value #>> '{}') <= most
    and value #>> '{}' !~ '[\u0001-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]'
$$;

create or replace function check_shape(kind text, record jsonb) returns void language plpgsql as $$
declare
  is_whole boolean;
begin
  if length(record::text) > 1000000 then
    perform refuse('malformed', format('this %s is longer than a million characters', kind));
  end if;
  is_whole := is_line(record -> 'id', 128) and is_text(record -> 'region') and is_text(record -> 'account')
    and case kind
      when 'image' then is_image(record)
      when 'instance' then is_instance(record)
      when 'volume' then is_volume(record)
      when 'share' then is_text(record -> 'imageId') and is_text(record -> 'memberId')
      when 'export' then is_export(record)
      else false end
    and is_origin(record -> 'origin');
  if not coalesce(is_whole, false) then
    perform refuse('malformed', format('this is no %s', kind));
  elsif cardinality(contents_of(kind, record)) > 1000 then
    perform refuse('malformed', format('this %s names more than a thousand contents', kind));
  end if;
end $$;

create or replace function is_origin(value jsonb) returns boolean language sql immutable as $$
  select value is null
    or is_text(value -> 'declaredBy') and length(value ->> 'declaredBy') <= 2000
      and is_text(value -> 'creationToken') and length(value ->> 'creationToken') <= 200
      and jsonb_typeof(value -> 'seen') = 'boolean'
      and coalesce(value ->> 'follows', '0') ~ '^\d{1,18}$'
$$;

create or replace function is_tags(value jsonb) returns boolean language sql immutable as $$
  select jsonb_typeof(value) = 'object' and not value @? '$.* ? (@.type() != "string")'
$$;

create or replace function is_number(value jsonb) returns boolean language sql immutable as $$
  select coalesce(jsonb_typeof(value) = 'number', false)
$$;

create or replace function is_os(value jsonb) returns boolean language sql immutable as $$
  select jsonb_typeof(value) = 'object'
    and not value @? '$.keyvalue() ? (@.key like_regex "^(os(Type|Name|Version)|cpuArchitecture)$").value
      ? (@.type() != "string")'
$$;

-- IDs of contents, in a list that may be left out. Those with a colon are the region's own.
create or replace function is_content_ids(value jsonb) returns boolean language sql immutable as $$
  select value is null or jsonb_typeof(value) = 'array' and not value @?
    '$[*] ? (!(@.type() == "string" && @ like_regex "^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"))'
$$;

create or replace function is_disks(value jsonb) returns boolean language sql immutable as $$
  select coalesce(jsonb_typeof(value) = 'array' and not value @? '$[*] ? (
    !(@.type() == "object" && @.id.type() == "string" && @.id like_regex "^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"
      && @.device.type() == "string" && @.device like_regex "^/dev/vd[a-z]{1,3}$" && @.size.type() == "number")
    || exists (@.basedOn) && (@.basedOn.type() != "array" || exists (@.basedOn[*] ? (
      !(@.type() == "string" && @ like_regex "^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")))))', false)
$$;

create or replace function is_disk(value jsonb) returns boolean language sql immutable as $$
  select coalesce(jsonb_typeof(value) = 'object' and is_disks(jsonb_build_array(value)), false)
$$;

create or replace function is_lineage(value jsonb) returns boolean language sql immutable as $$
  select coalesce(jsonb_typeof(value) = 'array' and not value @? '$[*] ? (
    !(@.type() == "object" && @.id.type() == "string" && @.type.type() == "string"
      && @.type like_regex "^(image|instance|volume|file)$" && (!exists (@.name) || @.name.type() == "string")))', false)
$$;

create or replace function is_source(value jsonb, types text[]) returns boolean language sql immutable as $$
  select coalesce(is_text(value -> 'id') and value ->> 'type' = any (types), false)
$$;

-- A local system disk is an image file, every other disk a snapshot, which takes a place.
create or replace function are_device_kinds(mappings jsonb, architecture text) returns boolean
language sql immutable as $$
  select case when architecture = 'localDisk' then
    not mappings @? '$[*] ? (
      !(@.device == "/dev/vda" && @.kind == "imageFile" || @.device != "/dev/vda" && @.kind == "snapshot"))'
    and not mappings @? '$[1 to last] ? (@.device == "/dev/vda")'
  else not mappings @? '$[*] ? (!(@.kind == "snapshot"))' end
$$;

create or replace function is_image(record jsonb) returns boolean language sql immutable as $$
  select is_line(record -> 'name', 128) and is_text(record -> 'description')
    and record ->> 'visibility' = 'private'
    and record ->> 'imageType' in ('system', 'data', 'full')
    and record -> 'architectures' in ('["localDisk"]', '["cloudDisk"]')
    and record ->> 'status' in ('creating', 'active')
    and is_os(record -> 'os')
    and is_number(record -> 'minDisk')
    and (record -> 'minRam' is null or is_number(record -> 'minRam'))
    and (record -> 'maxRam' is null or is_number(record -> 'maxRam'))
    and (record -> 'sizeBytes' is null or is_number(record -> 'sizeBytes'))
    and (record -> 'checksum' is null or is_line(record -> 'checksum', 200))
    and (record -> 'quickProvisioning' is null or jsonb_typeof(record -> 'quickProvisioning') = 'boolean')
    and is_tags(record -> 'tags')
    and jsonb_typeof(record -> 'nicMultiqueue') = 'boolean' and jsonb_typeof(record -> 'sriovDriver') = 'boolean'
    and jsonb_typeof(record -> 'encrypted') = 'boolean'
    and is_disks(record -> 'deviceMappings') and jsonb_array_length(record -> 'deviceMappings') > 0
    and are_device_kinds(record -> 'deviceMappings', record #>> '{architectures,0}')
    and is_lineage(record -> 'lineage')
    and is_source(record -> 'source', array['instance', 'volume', 'image', 'file'])
    and is_content_ids(record -> 'scratch')
    and record -> 'standIn' is null
$$;

create or replace function is_instance(record jsonb) returns boolean language sql immutable as $$
  select is_line(record -> 'name', 128)
    and record ->> 'status' in ('creating', 'running')
    and record ->> 'architecture' in ('localDisk', 'cloudDisk')
    and is_disk(record -> 'systemDisk') and is_disks(record -> 'dataDisks')
    and is_os(record -> 'os')
    and is_tags(record -> 'tags')
    and jsonb_typeof(record -> 'encrypted') = 'boolean'
    and is_lineage(record -> 'lineage')
    and is_source(record -> 'source', array['image', 'file'])
    and is_content_ids(record -> 'scratch')
$$;

create or replace function is_volume(record jsonb) returns boolean language sql immutable as $$
  select is_line(record -> 'name', 128)
    and record ->> 'status' in ('creating', 'available')
    and is_disk(record -> 'disk')
    and is_tags(record -> 'tags')
    and jsonb_typeof(record -> 'encrypted') = 'boolean'
    and is_lineage(record -> 'lineage')
    and (record -> 'source' is null or is_source(record -> 'source', array['image']))
    and is_content_ids(record -> 'scratch')
$$;

create or replace function is_export(record jsonb) returns boolean language sql immutable as $$
  select is_line(record -> 'name', 1024) and is_text(record -> 'imageId')
    and is_text(record -> 'bucketUrl') and length(record ->> 'bucketUrl') <= 2000
    and record ->> 'fileFormat' in ('raw', 'qcow2', 'vmdk', 'vhd')
    and record ->> 'status' in ('creating', 'active')
    and jsonb_typeof(record -> 'objects') = 'array'
$$;
