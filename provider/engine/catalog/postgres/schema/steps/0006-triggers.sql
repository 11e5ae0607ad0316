-- What happens by itself when rows come and go.

create trigger audit_is_kept before update or delete or truncate on audit
for each statement execute function keep_audit();
alter table audit enable always trigger audit_is_kept;

create constraint trigger unnamed_is_discarded after delete on disk_references
deferrable initially deferred for each row execute function discard_unnamed();
