
# Ids and names of processes, for the verbs that take them.
_handfast_ids() {
    local -a found
    local word about
    while IFS=$'\t' read -r word about; do
        found+=("${word//:/\\:}:${about}")
    done < <(handfast __complete ids 2>/dev/null)
    _describe -t processes 'process' found
}
