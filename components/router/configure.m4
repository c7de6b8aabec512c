dnl Where the shims go.

AC_ARG_WITH([prosody-plugins],
  [AS_HELP_STRING([--with-prosody-plugins=DIR],
    [where Prosody finds modules [PREFIX/lib/prosody/modules]])],
  [prosodyplugins=$withval],
  [prosodyplugins='${prefix}/lib/prosody/modules'])
AC_SUBST([prosodyplugins])

AC_ARG_WITH([ejabberd-modules],
  [AS_HELP_STRING([--with-ejabberd-modules=DIR],
    [where ejabberd's module_install looks, as in
     /var/lib/ejabberd/.ejabberd-modules/sources
     [PREFIX/share/annex/ejabberd, to be copied]])],
  [ejabberdmodules=$withval],
  [ejabberdmodules='${pkgdatadir}/ejabberd'])
AC_SUBST([ejabberdmodules])
