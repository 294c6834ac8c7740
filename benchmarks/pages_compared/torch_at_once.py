"""What a page costs that imports torch and makes a ResNet before it shows anything; for information."""

import streamlit as st
from torchvision.models import resnet18

resnet18()
st.markdown("ready")
