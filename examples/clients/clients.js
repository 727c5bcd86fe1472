// Tries published JavaScript clients of DHIS2 on the server of examples/clients.
'use strict'
const assert = require('node:assert/strict')

const url = process.env.DHIS2
const authorization = 'Basic ' + Buffer.from('admin:district').toString('base64')
const regions = ['ouRegion001', 'ouRegion002', 'ouRegion003']
const visits = { ouRegion001: '109273', ouRegion002: '106365', ouRegion003: '100251' }

// d2 is written for browsers, which have these two.
global.window = { location: {} }
global.localStorage = { getItem: () => null }

async function d2() {
    const { init } = require('d2')
    const d2 = await init({ baseUrl: url + '/api', headers: { Authorization: authorization } })
    assert.equal(d2.currentUser.username, 'admin')
    const units = await d2.models.organisationUnit.list({ level: 2 })
    assert.deepEqual(units.toArray().map(u => u.id).sort(), regions)
    const element = await d2.models.dataElement.get('deOutpatnts')
    assert.equal(element.name, 'Outpatient visits')
    const request = new d2.analytics.request()
        .addDataDimension(['deOutpatnts'])
        .addPeriodDimension(['2025Q1'])
        .addOrgUnitDimension(['LEVEL-2'])
    const table = await d2.analytics.aggregate.get(request)
    assert.deepEqual(Object.fromEntries(table.rows.map(r => [r[1], r[3]])), visits)
    assert.ok(Array.isArray(await d2.geoFeatures.byOrgUnit('LEVEL-2').getAll()))
}

async function dataEngine() {
    // app-service-data gives its engine to React components. This is the engine.
    const service = require('@dhis2/app-service-data')
    assert.equal(typeof service.useDataQuery, 'function')
    const { DataEngine, RestAPILink } = require('@dhis2/data-engine')
    const plain = global.fetch
    global.fetch = (address, options) =>
        plain(address, { ...options, headers: { ...options.headers, Authorization: authorization } })
    const engine = new DataEngine(new RestAPILink({ baseUrl: url, apiVersion: 42 }))
    const { units, element, table } = await engine.query({
        units: { resource: 'organisationUnits', params: { fields: ['id'], filter: 'level:eq:2' } },
        element: { resource: 'dataElements', id: 'deOutpatnts', params: { fields: ['id', 'name'] } },
        table: {
            resource: 'analytics',
            params: { dimension: 'ou:LEVEL-2', filter: ['dx:deOutpatnts', 'pe:2025Q1'], skipMeta: true },
        },
    })
    assert.deepEqual(units.organisationUnits.map(u => u.id), regions)
    assert.deepEqual(element, { id: 'deOutpatnts', name: 'Outpatient visits' })
    assert.deepEqual(Object.fromEntries(table.rows.map(r => [r[0], r[1]])), visits)
    await assert.rejects(
        engine.query({ none: { resource: 'dataElements', id: 'nothingHer1' } }),
        e => e.details.httpStatusCode === 404,
    )
}

async function main() {
    for (const client of [d2, dataEngine]) {
        await client()
        console.log(client.name + ': answers as expected')
    }
}

main().catch(e => {
    console.error(e)
    process.exit(1)
})
