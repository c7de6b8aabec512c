# Debian packages for ./check and ./quickstart, from the lists that shared and
# each component bring: lines "build", "run", "once" or "test" and names.

say() {
	echo "==> $*"
}

packages_of() {
	for kind; do
		sed -n "s/^$kind //p" shared/packages components/*/packages
	done | tr -s ' ' '\n' | sort -u
}

package_is_installed() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" \
		= installed ]
}

# Prints each package that is missing; of a|b the first that apt offers.
packages_missing() {
	packages_of "$@" | while read -r choice; do
		offered=
		for name in $(echo "$choice" | tr '|' ' '); do
			package_is_installed "$name" && continue 2
			[ -n "$offered" ] || [ "$choice" = "$name" ] ||
				! apt-cache show "$name" >/dev/null 2>&1 ||
				offered=$name
		done
		echo "${offered:-${choice%%|*}}"
	done
}

# Runs as root.  Servers that come as packages must not start by themselves:
# the tests start their own.
packages_script='
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		trap "rm -f $policy" EXIT
		trap "exit 1" HUP INT TERM
		printf "#!/bin/sh\nexit 101\n" >$policy
		chmod 755 $policy
	fi
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
	apt-get -q update </dev/null ||
		echo "apt-get update failed, trying with what is known"
	apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		--no-install-recommends install "$@" </dev/null
'

# packages_install KIND...: returns 0 when all are there.
packages_install() {
	if ! command -v apt-get >/dev/null; then
		say "no apt-get here; needed is what Debian calls" \
			$(packages_of "$@")
		return 0
	fi
	missing=$(packages_missing "$@")
	if [ -z "$missing" ]; then
		say "all Debian packages are installed"
		return 0
	fi
	say "installing Debian packages:" $missing
	if [ "$(id -u)" = 0 ]; then
		sh -c "$packages_script" packages $missing
	elif command -v sudo >/dev/null; then
		sudo sh -c "$packages_script" packages $missing
	else
		say "neither root nor sudo; please have someone run:" \
			apt-get install $missing
		return 1
	fi
}
