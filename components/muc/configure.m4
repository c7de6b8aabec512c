dnl annex-muc needs nothing beyond the library.
ANNEX_COMPONENT([muc])
