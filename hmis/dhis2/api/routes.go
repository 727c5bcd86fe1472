package api

// routes returns the routes of all names that are no kind of metadata.
func (s *Server) routes() map[string]route {
	return map[string]route{
		"system":                       s.system,
		"ping":                         ping,
		"me":                           s.me,
		"systemSettings":               systemSettings,
		"userSettings":                 settingsOfUser,
		"schemas":                      schemas,
		"resources":                    resources,
		"periodTypes":                  periodTypes,
		"filledOrganisationUnitLevels": s.filledLevels,
		"dataSets":                     s.dataSets,
		"dataValueSets":                s.dataValueSets,
		"completeDataSetRegistrations": s.completions,
		"organisationUnits.geojson":    s.geojson,
		"geoFeatures":                  s.geoFeatures,
		"apps":                         none,
	}
}
