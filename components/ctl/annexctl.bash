# Completion of annexctl for bash: what can stand there, the components say.

# Bash makes words of their own of "=", ":" and "@".  annexctl is told the words
# as they were typed; bash wants what follows the last of those.
_annexctl() {
	local IFS=$'\n' line=${COMP_LINE:0:COMP_POINT} blanks part i
	local -a words

	for ((i = 0; i <= COMP_CWORD; i++)); do
		blanks=${line%%[![:blank:]]*}
		line=${line#"$blanks"}
		part=${COMP_WORDS[i]}
		((i < COMP_CWORD)) || part=$line
		[[ $i != 0 && -z $blanks ]] || words+=("")
		words[-1]+=$part
		line=${line#"$part"}
	done
	[[ $part != [=:@] ]] || part=
	COMPREPLY=($("$1" --complete "${words[@]:1}" 2>/dev/null))
	COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
	COMPREPLY=("${COMPREPLY[@]#"${words[-1]%"$part"}"}")
}

complete -F _annexctl annexctl
