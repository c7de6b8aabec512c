dnl Where the shims go.

AC_ARG_WITH([prosody-plugins],
  [AS_HELP_STRING([--with-prosody-plugins=DIR],
    [where Prosody finds modules [PREFIX/lib/prosody/modules]])],
  [prosodyplugins=$withval],
  [prosodyplugins='${prefix}/lib/prosody/modules'])
AC_SUBST([prosodyplugins])
