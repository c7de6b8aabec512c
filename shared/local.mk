# libannex: what two components or more need.

noinst_LIBRARIES += libannex.a

libannex_a_SOURCES = \
	shared/adhoc.c shared/adhoc.h \
	shared/adhoc_form.c shared/adhoc_form.h \
	shared/adhoc_node.c shared/adhoc_node.h \
	shared/adhoc_session.c shared/adhoc_session.h \
	shared/archive_about.c shared/archive_about.h \
	shared/archive_account.c shared/archive_account.h \
	shared/archive_address.c shared/archive_address.h \
	shared/archive_burial.c shared/archive_burial.h \
	shared/archive_burial-private.h shared/archive_burial_room.c \
	shared/archive_cells.c shared/archive_cells.h \
	shared/archive_attendance.c shared/archive_attendance.h \
	shared/archive_attendance-private.h \
	shared/archive_ends.c shared/archive_ends.h \
	shared/archive_event.c shared/archive_event.h \
	shared/archive_hearsay.c shared/archive_hearsay.h \
	shared/archive_hearsay_write.c \
	shared/archive_hearsay_write-private.h \
	shared/archive_hold.c shared/archive_hold.h \
	shared/archive_link-private.h \
	shared/archive_import.c shared/archive_import.h \
	shared/archive_late-private.h \
	shared/archive_late.c shared/archive_late.h \
	shared/archive_month.c shared/archive_month.h \
	shared/archive_obituary.c shared/archive_obituary.h \
	shared/archive_outlet.c shared/archive_outlet.h \
	shared/archive_owner.h shared/archive_owner-private.h \
	shared/archive_page.c shared/archive_page.h \
	shared/archive_page-private.h \
	shared/archive_page_pg.c \
	shared/archive_page_sqlite.c \
	shared/archive_profile.c shared/archive_profile.h \
	shared/archive_range.c shared/archive_range.h \
	shared/archive_rest.c shared/archive_rest.h \
	shared/archive_row.c shared/archive_row.h \
	shared/archive_row-private.h \
	shared/archive_row_text.c \
	shared/archive_search.c shared/archive_search.h \
	shared/archive_search-private.h \
	shared/archive_search_pg.c \
	shared/archive_search_sqlite.c \
	shared/archive_shelving.c shared/archive_shelving.h \
	shared/archive_texts.c shared/archive_texts.h \
	shared/archive_tombstone.c shared/archive_tombstone.h \
	shared/archive_words.c shared/archive_words.h \
	shared/archive_write.c shared/archive_write.h \
	shared/archive_write-private.h \
	shared/archive_write_events.c \
	shared/archive_write_pg.c \
	shared/archive_write_sqlite.c \
	shared/archive_writer.c shared/archive_writer.h \
	shared/arena.c shared/arena.h \
	shared/askings.c shared/askings.h \
	shared/audit.c shared/audit.h \
	shared/backoff.c shared/backoff.h \
	shared/bundle.c shared/bundle.h \
	shared/call.c shared/call.h \
	shared/calls.h \
	shared/causes.c shared/causes.h \
	shared/check.c shared/check.h \
	shared/clock.c shared/clock.h \
	shared/command.c shared/command.h \
	shared/component.c shared/component.h \
	shared/content.c shared/content.h \
	shared/control.c shared/control.h \
	shared/control_request.c shared/control_request.h \
	shared/control_socket.c shared/control_socket.h \
	shared/daemon.c shared/daemon.h \
	shared/dial.c shared/dial.h \
	shared/digest.c shared/digest.h \
	shared/disco.c shared/disco.h \
	shared/dispatch.c shared/dispatch.h \
	shared/drain.c shared/drain.h \
	shared/drain_batch.c shared/drain_batch.h \
	shared/drain_doubt.c shared/drain_doubt.h \
	shared/drain_trial.c shared/drain_trial.h \
	shared/drain_wait.c shared/drain_wait.h \
	shared/ejabberd_record.c shared/ejabberd_record.h \
	shared/entity.c shared/entity.h \
	shared/erlang.c shared/erlang.h \
	shared/error.c shared/error.h \
	shared/fanout.c shared/fanout.h \
	shared/fanout_shim.c shared/fanout_shim.h \
	shared/fold.c shared/fold.h \
	shared/form.c shared/form.h \
	shared/forward.c shared/forward.h \
	shared/handler.c shared/handler.h \
	shared/handshake.c shared/handshake.h \
	shared/health.c shared/health.h \
	shared/groups.c shared/groups.h \
	shared/hook.c shared/hook.h \
	shared/hook_allowed.c shared/hook_allowed.h \
	shared/hook_answer.c shared/hook_answer.h \
	shared/hook_event.c shared/hook_event.h \
	shared/hook_host.c shared/hook_host.h \
	shared/hook_request.c shared/hook_request.h \
	shared/http.c shared/http.h \
	shared/httpclient.c shared/httpclient.h \
	shared/inbox.c shared/inbox.h \
	shared/jid.c shared/jid.h shared/jid-private.h \
	shared/jid_routed.c shared/jid_routed.h \
	shared/journal.c shared/journal.h \
	shared/journal_level.c shared/journal_level.h \
	shared/journal_puts.c shared/journal_puts.h \
	shared/lag.c shared/lag.h \
	shared/libcurl.c shared/libcurl.h \
	shared/log.c shared/log.h \
	shared/log_pace.c shared/log_pace.h \
	shared/lua.c shared/lua.h \
	shared/mailing.c shared/mailing.h \
	shared/mam_answer.c shared/mam_answer.h \
	shared/mam_filter.c shared/mam_filter.h \
	shared/mam_fin.c shared/mam_fin.h \
	shared/mam_metadata.c shared/mam_metadata.h \
	shared/mam_offer.c shared/mam_offer.h \
	shared/mam_query.c shared/mam_query.h \
	shared/mam_result.c shared/mam_result.h \
	shared/markup.c shared/markup.h \
	shared/metric.c shared/metric.h \
	shared/migrate.c shared/migrate.h \
	shared/migrate_files.c shared/migrate_files.h \
	shared/multicast.c shared/multicast.h \
	shared/ns.h \
	shared/number.c shared/number.h \
	shared/outbox.c shared/outbox.h \
	shared/outfit.c shared/outfit.h \
	shared/output.c shared/output.h \
	shared/parser.c shared/parser.h \
	shared/prep.c shared/prep.h \
	shared/process.c shared/process.h \
	shared/prosody_item.c shared/prosody_item.h \
	shared/query.c shared/query.h \
	shared/ranking.c shared/ranking.h \
	shared/reader.c shared/reader.h \
	shared/request.h \
	shared/router.c shared/router.h \
	shared/rsm.c shared/rsm.h \
	shared/scope.c shared/scope.h \
	shared/scroll.c shared/scroll.h \
	shared/section.c shared/section.h \
	shared/serial.c shared/serial.h \
	shared/serial_order.c shared/serial_order.h \
	shared/service.c shared/service.h \
	shared/setting.c shared/setting.h \
	shared/setting-private.h \
	shared/setting_load.c \
	shared/source.c shared/source.h \
	shared/spool.c shared/spool.h \
	shared/spool_ejabberd.c \
	shared/spool_prosody.c \
	shared/spool_sql.c \
	shared/stanza.c shared/stanza.h \
	shared/status.c shared/status.h \
	shared/store.c shared/store.h \
	shared/store-private.h \
	shared/store_list.c shared/store_list.h \
	shared/store_metrics.c shared/store_metrics.h \
	shared/store_pg.c \
	shared/store_pgcache.c shared/store_pgcache.h \
	shared/store_pgflight.c shared/store_pgflight.h \
	shared/store_pghost.c shared/store_pghost.h \
	shared/store_pglink.c shared/store_pglink.h \
	shared/store_request.c \
	shared/store_result.c \
	shared/store_sqlite.c \
	shared/store_sqlitedb.c shared/store_sqlitedb.h \
	shared/store_sqlitefold.c shared/store_sqlitefold.h \
	shared/store_sqlitegroup.c shared/store_sqlitegroup.h \
	shared/store_sqlitestmt.c shared/store_sqlitestmt.h \
	shared/str.c shared/str.h \
	shared/stream.c shared/stream.h \
	shared/tables.c shared/tables.h \
	shared/tag.c shared/tag.h \
	shared/takeover.c shared/takeover.h \
	shared/term.c shared/term.h \
	shared/tree.c shared/tree.h \
	shared/uplink.c shared/uplink.h \
	shared/uplink-private.h \
	shared/utf8.c shared/utf8.h \
	shared/value.c shared/value.h \
	shared/wire.c shared/wire.h \
	shared/xml.c shared/xml.h \
	shared/xml_print.c

DEPENDENCY_CFLAGS = $(STROPHE_CFLAGS) $(EXPAT_CFLAGS) $(UV_CFLAGS) \
	$(CONFUSE_CFLAGS) $(IDN_CFLAGS) $(IDN2_CFLAGS) $(PQ_CFLAGS) \
	$(SQLITE_CFLAGS) $(MICROHTTPD_CFLAGS) $(JANSSON_CFLAGS) \
	$(CURL_CFLAGS) $(CRYPTO_CFLAGS) $(SYSTEMD_CFLAGS)
DEPENDENCY_LIBS = $(STROPHE_LIBS) $(EXPAT_LIBS) $(UV_LIBS) \
	$(CONFUSE_LIBS) $(IDN_LIBS) $(IDN2_LIBS) $(PQ_LIBS) \
	$(SQLITE_LIBS) $(MICROHTTPD_LIBS) $(JANSSON_LIBS) \
	$(CURL_LIBS) $(CRYPTO_LIBS) $(SYSTEMD_LIBS)

journalschemadir = $(pkgdatadir)/schema/journal
dist_journalschema_DATA = schema/journal/0001-entries.sqlite.sql

# Tables of more than one component.
archiveschemadir = $(pkgdatadir)/schema/archive
dist_archiveschema_DATA = \
	schema/archive/0001-messages.pg.sql \
	schema/archive/0001-messages.sqlite.sql \
	schema/archive/0002-last.sql \
	schema/archive/0003-others.pg.sql \
	schema/archive/0003-others.sqlite.sql \
	schema/archive/0004-preferences.sql \
	schema/archive/0005-audit.pg.sql \
	schema/archive/0005-audit.sqlite.sql \
	schema/archive/0006-held.sql \
	schema/archive/0007-holds.sql \
	schema/archive/0008-months.pg.sql \
	schema/archive/0008-months.sqlite.sql \
	schema/archive/0009-tombstones.sql \
	schema/archive/0010-erasures.sql \
	schema/archive/0011-events.pg.sql \
	schema/archive/0011-events.sqlite.sql \
	schema/archive/0012-about.pg.sql \
	schema/archive/0012-about.sqlite.sql \
	schema/archive/0013-retractions.sql \
	schema/archive/0014-post.pg.sql \
	schema/archive/0014-post.sqlite.sql \
	schema/archive/0015-attendance.pg.sql \
	schema/archive/0015-attendance.sqlite.sql \
	schema/archive/0016-imported.pg.sql \
	schema/archive/0016-imported.sqlite.sql \
	schema/archive/0017-abandoned.pg.sql \
	schema/archive/0017-abandoned.sqlite.sql \
	schema/archive/0018-retractions.pg.sql \
	schema/archive/0018-retractions.sqlite.sql \
	schema/archive/0019-echoes.pg.sql \
	schema/archive/0019-echoes.sqlite.sql \
	schema/archive/0020-remains.sql \
	schema/archive/0021-kept.sql \
	schema/archive/0022-accounts.sql

EXTRA_DIST += shared/packages
