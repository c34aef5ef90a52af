package host

import (
	"fmt"
	"slices"
)

// Lacks says what this host does not have that a plan for other facts needs;
// "" if it could be run here.
func (f *Facts) Lacks(plan *Facts) string {
	switch {
	case f.Arch != plan.Arch:
		return "arch " + plan.Arch
	case f.UID != plan.UID || f.GID != plan.GID || f.Root != plan.Root:
		return fmt.Sprintf("uid %d, gid %d", plan.UID, plan.GID)
	case f.LegacyClone && !plan.LegacyClone:
		return "clone3(2)"
	case f.LastCap < plan.LastCap:
		return fmt.Sprintf("capability %d", plan.LastCap)
	case plan.CgroupNS && !f.CgroupNS, plan.TimeNS && !f.TimeNS:
		return "namespaces(7)"
	case plan.Keyrings && !f.Keyrings:
		return "keyrings(7)"
	case f.ProcCovered && !plan.ProcCovered:
		return "/proc"
	case !exists(plan.Stage):
		return plan.Stage
	}
	for _, list := range [][2][]string{{plan.Masked, f.Masked}, {plan.ReadOnly, f.ReadOnly}, {plan.Devices, f.Devices}} {
		for _, name := range list[0] {
			if !slices.Contains(list[1], name) {
				return name
			}
		}
	}
	// What this kernel shows and the plan does not hide would be open.
	for _, name := range append(slices.Clone(f.Masked), f.ReadOnly...) {
		if !slices.Contains(plan.Masked, name) && !slices.Contains(plan.ReadOnly, name) {
			return "without " + name
		}
	}
	return ""
}
