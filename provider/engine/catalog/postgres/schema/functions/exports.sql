-- What exports keep to, beyond what holds for all records.

-- Whether another account exports to the same objects: no more than yes or no. Folders are each machine's own.
create or replace function is_objects_of_another(of_account int, url text, export_name text, format text)
returns boolean language sql volatile as $$
  select exists (
    select from exports where bucket_url = url and account_id <> of_account
      and attributes ->> 'name' = export_name and attributes ->> 'fileFormat' = format
  )
$$;

create or replace function check_new_export(owner accounts, record jsonb) returns void language plpgsql as $$
declare
  url constant text := record ->> 'bucketUrl';
  image constant jsonb := own_active_image(owner, record ->> 'imageId', 'exported');
begin
  if (image -> 'encrypted')::boolean or image ->> 'imageType' = 'full' then
    perform refuse('cannot-be-exported', format(
      'image %s is %s', image ->> 'id',
      case when (image -> 'encrypted')::boolean then 'encrypted' else 'a full image' end));
  end if;
  if url like 's3://%' then
    perform pg_advisory_xact_lock(hashtextextended(url, 0));
    if is_objects_of_another(owner.id, url, record ->> 'name', record ->> 'fileFormat') then
      perform refuse('objects-of-another', format(
        'another account exports %s there as %s', record ->> 'name', record ->> 'fileFormat'));
    end if;
  end if;
end $$;
