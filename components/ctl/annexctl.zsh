#compdef annexctl
# Completion of annexctl for zsh: what can stand there, the components say.

local line
local -a choices

for line in "${(@f)$(${words[1]} --complete "${(@)words[2,CURRENT]}" \
		2>/dev/null)}"; do
	[[ -n $line ]] || continue
	choices+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
done
_describe annexctl choices
