"""The durable engine: plans as data, runs that outlive their process, on DBOS.

It knows steps and runs, never a publication. Import its modules by name: `step`, `plan`, `outcome`
and `ledger` need the standard library only; `client` and `worker` import DBOS, which is slow.
"""
