dnl Rules of policies have regular expressions.
ANNEX_NEED([PCRE2], [libpcre2-8 >= 10.42], [libpcre2-dev])
dnl And words, which are looked for whatever form they have; it has no .pc.
ANNEX_NEED_HEADER([uninorm.h], [libunistring-dev])
AC_SUBST([UNISTRING_LIBS], [-lunistring])
ANNEX_COMPONENT([archive])
