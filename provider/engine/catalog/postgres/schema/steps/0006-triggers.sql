-- What happens by itself when rows come and go.

create trigger audit_is_kept before update or delete or truncate on audit
for each statement execute function keep_audit();
alter table audit enable always trigger audit_is_kept;

create trigger images_counted after insert or delete on images
for each row execute function count_images();

create trigger snapshots_counted_in after insert on disk_references
for each row when (new.snapshot = 1) execute function count_snapshots();

create trigger snapshots_counted_out after delete on disk_references
for each row when (old.snapshot = 1) execute function count_snapshots();

create constraint trigger unnamed_is_discarded after delete on disk_references
deferrable initially deferred for each row execute function discard_unnamed();
