# Completion of annexctl for bash: what can stand there, the components say.

_annexctl() {
	local IFS=$'\n'
	COMPREPLY=($("$1" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" \
		2>/dev/null))
	COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
}

complete -F _annexctl annexctl
