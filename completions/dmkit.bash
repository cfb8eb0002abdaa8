# SPDX-License-Identifier: MIT
# bash completion for dmkit(8). Everything comes from the command itself: `dmkit help --commands`, `dmkit help
# targets`, `dmkit help --keys TARGET` and `dmkit list`, so it cannot fall behind.

# Prints the row NAME KIND OPTION... of a command; "-" has the options of all.
_dmkit_row() {
	"$1" help --commands 2>/dev/null | while read -r name rest; do
		[[ $name == "$2" ]] && printf '%s\n' "$rest" && break
	done
}

_dmkit_devices() {
	"$1" list 2>/dev/null | cut -f 1
}

# The words of stdin, one a line, that begin with $1; names may hold blanks.
_dmkit_reply() {
	local line word
	while IFS= read -r line; do
		[[ $line == "$1"* ]] || continue
		printf -v word '%q' "$line"
		COMPREPLY+=("$word")
	done
	# key= and --option= go on with the value.
	[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
	return 0
}

_dmkit() {
	local cur=${COMP_WORDS[COMP_CWORD]} dmkit=${COMP_WORDS[0]}
	local i word command='' kind='' options='' type='' new=1 count=0 skip=0
	COMPREPLY=()

	# bash parts words at '=': what stands after it is a value.
	if [[ $cur == = || ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
		[[ $cur == = ]] && cur=
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi

	local -a global
	read -r -a global <<<"$(_dmkit_row "$dmkit" -)"
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((skip)); then
			skip=0
		elif [[ $word == = ]]; then
			skip=1
		elif [[ $word == --* ]]; then
			# The value of an option stands in the next word, unless = does.
			if [[ " ${global[*]} $options " == *" $word= "* && ${COMP_WORDS[i + 1]} != = ]]; then
				skip=1
			fi
		elif [[ -z $command ]]; then
			command=$word
			read -r kind options <<<"$(_dmkit_row "$dmkit" "$command")"
		elif [[ $word == + ]]; then
			new=1
		else
			count=$((count + 1))
			# The first word of a segment is its type; in create and the like NAME stands before.
			if ((count > 1 && new)); then
				type=$word
				new=0
			fi
		fi
	done

	# The value of an option given as a word of its own.
	if ((skip)); then
		case ${COMP_WORDS[COMP_CWORD - 1]} in
		--table-file)
			compopt -o filenames 2>/dev/null
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
			;;
		esac
		return
	fi
	if [[ $cur == -* ]]; then
		# shellcheck disable=SC2086 # the options are words
		_dmkit_reply "$cur" < <(printf '%s\n' "${global[@]:1}" $options)
		return
	fi
	if [[ -z $command ]]; then
		_dmkit_reply "$cur" < <("$dmkit" help --commands 2>/dev/null | cut -d ' ' -f 1 | grep -vx -e -)
		return
	fi
	case $kind in
	device)
		((count == 0)) && _dmkit_reply "$cur" < <(_dmkit_devices "$dmkit")
		;;
	devices)
		_dmkit_reply "$cur" < <(_dmkit_devices "$dmkit")
		;;
	targets)
		_dmkit_reply "$cur" < <("$dmkit" help targets)
		;;
	help)
		_dmkit_reply "$cur" < <(
			"$dmkit" help --commands | cut -d ' ' -f 1 | grep -vx -e -
			echo targets
			"$dmkit" help targets
		)
		;;
	table | device-table)
		if ((count == 0)); then
			[[ $kind == device-table ]] && _dmkit_reply "$cur" < <(_dmkit_devices "$dmkit")
		elif ((new)); then
			_dmkit_reply "$cur" < <("$dmkit" help targets)
		else
			_dmkit_reply "$cur" < <(
				"$dmkit" help --keys "$type"
				echo +
			)
		fi
		;;
	esac
}

complete -F _dmkit dmkit
