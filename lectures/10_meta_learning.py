# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown] slideshow={"slide_type": "slide"}
# # Lecture 10: Meta-learning
#
# So far a search chose the network. Now something chooses *how it learns*: the rule of its updates, its rates and decays, the point where it starts. The chosen thing is trained on many tasks, and judged by how fast a learner that has it masters a task that nobody has seen.
#
# **After this lecture you can**
#
# 1. tell the two loops apart: a learner that learns a task, a meta-learner that is trained over tasks;
# 2. run three approaches from before 1993: a learned synaptic rule, a rule found by evolution, fast weights;
# 3. compute the gradient of a validation loss with respect to every learning rate of a training, and do so without storing the training;
# 4. write MAML, and say what first order, Reptile, ANIL and learned step sizes change;
# 5. evaluate few-shot learning honestly: classes never seen, 600 episodes, no leak between queries.
#
# **You need** gradients and small networks in PyTorch; lecture 03 for the second-order term of DARTS, which comes back here. No GPU, no network connection.
#
# | part | minutes |
# |---|---|
# | Early approaches | 20 |
# | Tasks and episodes; the general form | 15 |
# | Gradients through training | 15 |
# | Transfer and MAML; first order, and relatives | 30 |
# | Few-shot glyphs, hallucinated examples, a wrong-answer gallery | 25 |
#
# Run the cells in order with Shift + Enter. Code that only draws is collapsed: a click on its dots opens it. Boxes marked *Predict first* are there to be answered before the next cell is run. Words that are new to you stand in the [glossary](glossary.md).

# %% slideshow={"slide_type": "skip"} jupyter={"source_hidden": true}
from functools import partial

import numpy as np
import torch
from IPython.display import Markdown
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.show.claims import claim
from course_lib.show.figure import picture, pictures
from course_lib.show.lines import curves_info, lines_info, plot_lines

torch.set_num_threads(1)  # small networks are no faster on more

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Early approaches
#
# The idea is older than the word. Three lines of work began it, and all three run here on a laptop in seconds.
#
# **A learned synaptic rule** (Bengio, Bengio and Cloutier, 1990 and 1992). A synapse knows little: what comes in, what its neuron does, its own weight, perhaps a signal that says whether things go well. Write its change as a formula of these local quantities with unknown coefficients, let networks with this rule learn many small tasks, and adjust the *coefficients* by gradient descent. Backpropagation trains the rule; the rule trains the network.

# @@EARLY

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Tasks and episodes
#
# All of them share one picture. A *task* has two parts: a **support** set to learn from and a **query** set to be asked. A learner sees the support; the meta-learner sees how well it then answers the queries, and is changed so that the next learner does better. Tasks are drawn from a distribution, and tasks for the test are drawn from *other* classes: what is measured is not what was learnt but how well something new is learnt.
#
# In few-shot classification a task is an *episode*, $N$-way $K$-shot: $N$ classes, $K$ support images of each. Three details are easy to get wrong, and each is a leak. Support and query share no image. The classes get new labels $0, \dots, N-1$ in every episode, in random order, or the network learns the labels by heart. And no statistic flows from one query to the next.


# %% slideshow={"slide_type": "fragment"}
def sample_episode(labels, rng, *, ways, shots, queries):
    classes = labels.unique()
    chosen = classes[torch.randperm(len(classes), generator=rng)[:ways]]  # new labels, new order
    support, query = [], []
    for name in chosen:
        own = (labels == name).nonzero()[:, 0]
        drawn = own[torch.randperm(len(own), generator=rng)[: shots + queries]]
        support.append(drawn[:shots])
        query.append(drawn[shots:])
    return torch.stack(support), torch.stack(query)

# @@EPISODES

# %% [markdown] slideshow={"slide_type": "subslide"}
# Two curves belong to two loops. The **elementary** curve is what every course shows: the loss of one learner on one task, against its steps. The **meta-learning** curve is the loss *after* learning, on new tasks, against the steps of the meta-learner. Below, both come from one run of MAML, which the rest of this lecture takes apart.

# @@CURVES

# %% [markdown] slideshow={"slide_type": "slide"}
# ## The general form
#
# With $\mathcal D_{\text{meta-train}} = \{\mathcal D_1, \dots, \mathcal D_n\}$,
#
# $$\theta^* = \arg\max_\theta \log p(\theta \mid \mathcal D_{\text{meta-train}}), \qquad \phi^* = \arg\max_\phi \log p(\phi \mid \mathcal D, \theta^*).$$
#
# What is $\theta$? Whatever tasks have in common. Bayesian linear regression has both answers in closed form: every task has its own weights $w_i \sim \mathcal N(\mu, \Sigma)$ and examples $y = w_i^\top x + \varepsilon$. Then $\theta = (\mu, \Sigma)$ is the prior that the tasks suggest, and $\phi^*$ the posterior mean

# @@BAYES

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Gradients through training
#
# What a learner is given may also be a list of numbers: a learning rate for every step, a weight decay for every layer. The validation loss after $T$ steps is a function of all of them, and a differentiable one. For plain gradient descent $\theta_{t+1} = \theta_t - \eta_t\, g_t$ with $g_t = \nabla L_t(\theta_t)$, the chain rule runs backwards through the training. With $\lambda_T = \nabla L_{\text{valid}}(\theta_T)$,
#
# $$\frac{\partial L_{\text{valid}}}{\partial \eta_t} = -\lambda_{t+1}^\top g_t, \qquad \lambda_t = \lambda_{t+1} - \eta_t\, \nabla^2 L_t(\theta_t)\, \lambda_{t+1}.$$
#
# No Hessian is ever formed: a product of it with a vector costs about as much as a gradient.


# @@HYPER

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Transfer
#
# The oldest way to start well: train on other tasks, keep the lower layers as *features*, and train a new last layer. It needs no second loop. What should the lower layers be trained for? The deck sets two updates side by side. Multi-task training wants *one* network that is good for all tasks at once,
#
# $$\theta \leftarrow \theta - \eta \sum_i \nabla_\theta L_i(\theta),$$
#
# and MAML a network that is good for each *after one step towards it*:
#
# $$\theta \leftarrow \theta - \eta \sum_i \nabla_\theta L_i\bigl(\theta - \alpha \nabla_\theta L_i(\theta)\bigr).$$
#
# > **Predict first.** Tasks are sinusoids of random amplitude and phase. What does the network look like that multi-task training finds? (What is the mean of all these curves?) And how fast does it learn one of them?

# %% [markdown] slideshow={"slide_type": "slide"}
# ## MAML
#
# Model-agnostic meta-learning (Finn, Abbeel and Levine, 2017) is the second formula, literally. The inner loop is ordinary gradient descent from $\theta$ on the support set; the query loss *after* it is differentiated with respect to $\theta$, through the steps. Nothing is assumed of the model but that it has a gradient.


# %% slideshow={"slide_type": "fragment"}
def inner_loop(theta, support_loss, *, lr, steps=1):
    phi = theta
    for _ in range(steps):
        gradient = torch.func.grad(support_loss)(phi)
        phi = {name: value - lr * gradient[name] for name, value in phi.items()}
    return phi


def maml_objective(theta, tasks, rng, carry, *, predict, loss, inner_loop):
    def after(support_x, support_y, query_x, query_y):
        phi = inner_loop(theta, lambda phi: loss(predict(phi, support_x), support_y))
        return loss(predict(phi, query_x), query_y)

    return torch.func.vmap(after)(*tasks).mean(), carry  # all tasks at once

# @@MAML

# %% [markdown] slideshow={"slide_type": "slide"}
# ## First order, and relatives
#
# The gradient of MAML, for one step and one task, is
#
# $$\nabla_\theta L^{q}(\phi) = \bigl(I - \alpha\, \nabla^2 L^{s}(\theta)\bigr)\, \nabla L^{q}(\phi), \qquad \phi = \theta - \alpha \nabla L^{s}(\theta).$$
#
# - **First order** (FOMAML) puts $I$ for the bracket: no second derivatives, a third of the time saved. Forget `create_graph=True` in an autograd code and you have it without knowing.
# - **Reptile** (Nichol and others, 2018) has no query set: take several steps, then move $\theta$ towards where they led, $\theta \leftarrow \theta + \varepsilon\, \overline{(\phi_i - \theta)}$. With *one* step this is multi-task training.
# - **ANIL** (Raghu and others, 2020) adapts the last layer only, in the inner loop.
# - **Meta-SGD** (Li and others, 2017) learns a step size for every parameter, along with $\theta$.
# - **iMAML** (Rajeswaran and others, 2019) asks where the inner loop *ends*, not how it got there: with a pull towards $\theta$ of strength $\lambda$, the gradient at the end is $(I + \nabla^2 L^s(\phi)/\lambda)^{-1} \nabla L^q(\phi)$, a linear system for conjugate gradients.

# @@RELATIVES

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Few-shot glyphs
#
# A thousand characters of many scripts, rendered from the fonts that come with matplotlib: letters of some scripts to meta-train on, of others to choose settings by, and of others again to be tested on. A class has one example; five classes stand to choice.

# @@GLYPHS

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Hallucinated examples
#
# One example does not show how a class *varies*. Other classes do. Hariharan and Girshick (2017) mine analogies, "a is to b as c is to ?", among the features of known classes, and train a generator to complete them: given the one example of a new class and a pair that shows a variation, it hallucinates the example that varied alike. A classifier is then trained on real and hallucinated examples together. Wang and others (2018) drop the analogies: the generator is a network that turns an example and noise into another example, trained *end to end* with the few-shot learner, by the query loss. It need not make realistic examples, only useful ones.

# @@HALLU

# %% [markdown] slideshow={"slide_type": "slide"}
# ## Wrong-answer gallery
#
# Each of these was shipped in public code. None of them crashes, and each of their training curves falls.

# @@GALLERY

# %% [markdown] slideshow={"slide_type": "slide"}
# ## What to take home
#
# @@HOME
