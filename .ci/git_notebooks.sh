#!/bin/sh
# How this clone's git treats notebooks: nbdime compares and merges them, nbstripout takes their outputs off
# before they are committed. .gitattributes names these; git reads what they do from the clone's settings alone.
#
#     sh .ci/git_notebooks.sh .venv/bin
set -e
bin=$1
PATH="$bin:$PATH" nbdime config-git --enable
git config diff.jupyternotebook.command "$bin/git-nbdiffdriver diff"
git config merge.jupyternotebook.driver "$bin/git-nbmergedriver merge %O %A %B %L %P"
git config filter.nbstripout.clean "$bin/nbstripout --keep-id --extra-keys 'metadata.papermill cell.metadata.papermill'"
git config filter.nbstripout.smudge cat
