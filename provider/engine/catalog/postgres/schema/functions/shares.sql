-- What shares keep to, beyond what holds for all records.

create or replace function check_new_share(owner accounts, record jsonb) returns void language plpgsql as $$
declare
  of_id constant text := record ->> 'imageId';
  member_name constant text := record ->> 'memberId';
  member accounts;
  taken int;
  image jsonb;
begin
  select * into member from accounts where region = owner.region and name = member_name;
  if not found or member_name like '@%' then
    perform refuse('no-such-member', format('region %s has no account %s', owner.region, member_name));
  elsif member.id = owner.id then
    perform refuse('shared-with-owner', format('account %s owns image %s', owner.name, of_id));
  end if;
  perform from acceptances where account_id = member.id for no key update;
  image := own_active_image(owner, of_id, 'shared');
  if (image -> 'encrypted')::boolean or image ->> 'imageType' = 'full' then
    perform refuse('cannot-be-shared', format(
      'image %s is %s', of_id, case when (image -> 'encrypted')::boolean then 'encrypted' else 'a full image' end));
  end if;
  perform from shares where image_id = of_id and member_id = member_name;
  if found then
    perform refuse('shared-already', format('image %s is shared with account %s already', of_id, member_name));
  end if;
  if (select count(*) from shares where image_id = of_id) >= owner.quota_members_per_image then
    perform refuse('members-full', format(
      'image %s has %s members, as many as it may', of_id, owner.quota_members_per_image));
  end if;
  select count(*) into taken from shares where member_account_id = member.id;
  if taken >= member.quota_accepted_shares then
    perform refuse('accepted-shares-full', format(
      'account %s has accepted %s shares in region %s, as many as it may', member_name, taken, owner.region));
  end if;
end $$;
