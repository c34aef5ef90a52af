package explain

// Nearest is the word of a list with the fewest letters to change, add or take
// away to make it s; the first of those that are equally near. It is "" for an
// empty list.
func Nearest(s string, list []string) (best string) {
	least := -1
	for _, word := range list {
		if d := distance(s, word); least < 0 || d < least {
			best, least = word, d
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			last, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, last+cost)
		}
	}
	return row[len(b)]
}
