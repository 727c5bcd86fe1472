module github.com/ohie-hmis/hmis-go

go 1.26

require (
	github.com/google/go-cmp v0.7.0
	github.com/shopspring/decimal v1.4.0
	github.com/stretchr/testify v1.12.1
	golang.org/x/exp v0.0.0-20260112195511-716be5621a96
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
