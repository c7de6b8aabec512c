# annexctl: what operators ask of the components.

noinst_LIBRARIES += components/ctl/libctl.a
component_libs += components/ctl/libctl.a

components_ctl_libctl_a_SOURCES = \
	components/ctl/answer.c components/ctl/answer.h \
	components/ctl/bar.c components/ctl/bar.h \
	components/ctl/complete.c components/ctl/complete.h \
	components/ctl/folder.c components/ctl/folder.h \
	components/ctl/help.c components/ctl/help.h \
	components/ctl/parley.c components/ctl/parley.h \
	components/ctl/screen.c components/ctl/screen.h \
	components/ctl/table.c components/ctl/table.h \
	components/ctl/words.c components/ctl/words.h

bin_PROGRAMS += annexctl
annexctl_SOURCES = components/ctl/main.c
annexctl_LDADD = components/ctl/libctl.a libannex.a $(JANSSON_LIBS)

# The manual.
nodist_man_MANS += components/ctl/annexctl.8
CLEANFILES += components/ctl/annexctl.8
EXTRA_DIST += components/ctl/ctl.8 components/ctl/packages

# What completes its words in shells goes where they look for it.
EXTRA_DIST += components/ctl/annexctl.bash components/ctl/annexctl.zsh
bashdir = $(datadir)/bash-completion/completions
zshdir = $(datadir)/zsh/site-functions

install-data-hook:
	$(MKDIR_P) "$(DESTDIR)$(bashdir)" "$(DESTDIR)$(zshdir)"
	$(INSTALL_DATA) $(srcdir)/components/ctl/annexctl.bash \
		"$(DESTDIR)$(bashdir)/annexctl"
	$(INSTALL_DATA) $(srcdir)/components/ctl/annexctl.zsh \
		"$(DESTDIR)$(zshdir)/_annexctl"

uninstall-hook:
	rm -f "$(DESTDIR)$(bashdir)/annexctl" "$(DESTDIR)$(zshdir)/_annexctl"

unit_tests += \
	t/unit/ctl_answer.t \
	t/unit/ctl_folder.t \
	t/unit/ctl_screen.t \
	t/unit/ctl_table.t \
	t/unit/ctl_words.t
