
# Ids and names of processes, for the verbs that take them; options as above.
_handfast_ids() {
    local verb="${COMP_WORDS[1]}" current="${COMP_WORDS[COMP_CWORD]}" word
    case " VERBS " in
        *" ${verb} "*) ;;
        *) _handfast "$@"; return ;;
    esac
    if [[ "${COMP_CWORD}" -lt 2 || "${current}" == -* || "${COMP_WORDS[COMP_CWORD-1]}" == -* ]]; then
        _handfast "$@"
        # What follows an option without a value is an id.
        [[ "${#COMPREPLY[@]}" -gt 0 || "${current}" == -* ]] && return
    fi
    COMPREPLY=()
    while IFS=$'\t' read -r word _; do
        [[ "${word}" == "${current}"* ]] && COMPREPLY+=("${word}")
    done < <(handfast __complete "${verb}" 2>/dev/null)
}
complete -F _handfast_ids -o nosort -o bashdefault -o default handfast 2>/dev/null ||
    complete -F _handfast_ids -o bashdefault -o default handfast
