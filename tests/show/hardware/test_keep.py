"""Channels by hand: the budget holds while a bar is dragged, and the words say what is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.hardware.chain import mobilenet, vgg
from course_lib.hardware.macs import chain_macs
from course_lib.show.hardware.keep import keep_info, rebalanced

CHAINS = {"vgg": vgg((8, 8, 16, 16)), "mobilenet": mobilenet((8, 16, 32))}


@pytest.mark.parametrize("name", CHAINS)
@given(data=st.data())
def test_wherever_a_bar_is_dragged_the_budget_holds_and_nothing_more_fits(
    name: str, data: st.DataObject
) -> None:
    chain = CHAINS[name]
    widths = [chain.channels[layer] for layer in chain.free]
    kept = [data.draw(st.integers(1, width)) for width in widths]
    layer = data.draw(st.integers(0, len(widths) - 1))
    budget = data.draw(st.sampled_from([0.25, 0.5, 0.7])) * sum(chain_macs(chain, chain.channels))
    found = rebalanced(chain, kept, layer, budget=budget)

    def macs(counts: list[int]) -> int:
        return sum(chain_macs(chain, chain.tied(counts)))

    assert macs(found) <= budget
    assert all(1 <= own <= width for own, width in zip(found, widths, strict=True))
    assert found[layer] <= kept[layer]
    for other in set(range(len(widths))) - {layer}:
        more = [count + (place == other) for place, count in enumerate(found)]
        assert found[other] == widths[other] or macs(more) > budget


def test_a_dragged_layer_keeps_what_it_was_given_where_the_others_can_pay() -> None:
    chain = vgg((8, 8, 16, 16))
    half = 0.5 * sum(chain_macs(chain, chain.channels))
    assert rebalanced(chain, [8, 4, 8, 8], 0, budget=half)[0] == 8


def test_multiples_stay_multiples() -> None:
    chain = vgg((8, 8, 16, 16))
    half = 0.5 * sum(chain_macs(chain, chain.channels))
    assert not any(
        count % 4 for count in rebalanced(chain, [5, 4, 9, 8], 2, budget=half, multiple=4)
    )


def test_the_words_hold_counts_share_and_accuracies() -> None:
    chain = vgg((2, 4))
    info = keep_info(chain, (1, 2), {"full": 0.9, "pruned": 0.2})
    left = sum(chain_macs(chain, (1, 2))) / sum(chain_macs(chain, (2, 4)))
    assert info.share == pytest.approx(left)
    for words in ("1 of 2", "2 of 4", f"{left:.1%}", "full 90.0%", "pruned 20.0%"):
        assert words in info.describe()
